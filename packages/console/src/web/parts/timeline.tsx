/** What a machine did, as a band over time. */
import type { StateSegment } from '@hawser/admin'
import { duration, timeOfMinute } from '../format.ts'

const shownMs = 30 * 60_000

export function Timeline({ segments }: { readonly segments: readonly StateSegment[] }) {
  const endMs = segments.at(-1)?.toMs
  if (endMs === undefined) return <p class="empty">No state yet.</p>
  const startMs = Math.max(endMs - shownMs, segments[0]?.fromMs ?? endMs)
  const spanMs = Math.max(1, endMs - startMs)
  const shown = segments.filter(({ toMs }) => toMs > startMs)
  return (
    <figure class="timeline">
      <svg viewBox="0 0 1000 30" preserveAspectRatio="none" role="img" aria-label={summary(shown)}>
        {shown.map((segment) => {
          const fromMs = Math.max(segment.fromMs, startMs)
          return (
            <rect
              key={segment.fromMs}
              class={segment.category}
              x={((fromMs - startMs) / spanMs) * 1000}
              width={((segment.toMs - fromMs) / spanMs) * 1000}
              height="30"
            >
              <title>{`${segment.state}, ${duration((segment.toMs - segment.fromMs) / 1000)}`}</title>
            </rect>
          )
        })}
      </svg>
      <figcaption>
        <time dateTime={new Date(startMs).toISOString()}>{timeOfMinute(startMs)}</time>
        <span class="legend">
          <i class="dot producing" /> producing <i class="dot down" /> down <i class="dot planned-down" /> planned down
        </span>
        <time dateTime={new Date(endMs).toISOString()}>{timeOfMinute(endMs)}</time>
      </figcaption>
    </figure>
  )
}

function summary(segments: readonly StateSegment[]): string {
  const last = segments.at(-1)
  return last === undefined ? '' : `${segments.length} states; now ${last.state}`
}
