/** Event ids of the newest messages: so many, then the oldest are forgotten. */
import { decodeProperties } from '@hawser/codec'
import { type MessageLog, PublishView, recordKind, recordKindAt } from '@hawser/engine'
import { epochMicros, type Milliseconds } from '@hawser/std'
import { eventIdOf } from '../message/event-id.ts'
import { everywhere } from '../runner/message-reader.ts'
import { firstSince, newestTime } from '../runner/seek.ts'

export interface RecentBounds {
  readonly recentIdsMax: number
  /** As old as this at most, measured from the newest record of the log. */
  readonly recentMs: Milliseconds
}

export class RecentIds {
  readonly #ids = new Set<string>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** The log itself remembers them: it is read from so long before its newest record. */
  static async of(
    log: MessageLog,
    filters: readonly string[],
    { recentIdsMax, recentMs }: RecentBounds,
    signal: AbortSignal,
  ): Promise<RecentIds> {
    const recent = new RecentIds(recentIdsMax)
    const spans = filters.map(everywhere)
    const ranges = log.partitions()
    const newest = await Promise.all(ranges.map((range) => newestTime(log, range, signal)))
    const since = epochMicros(Math.max(0, ...newest.map((time) => time ?? 0)) - recentMs * 1000)
    for (const range of ranges) {
      const from = await firstSince(log, range, since, signal)
      for await (const { bytes, offsets, count } of log.find(range.partition, from, spans, signal)) {
        for (let index = 0; index < count; index++) {
          const id = eventIdAt(bytes, offsets[index] ?? 0)
          if (id !== undefined) recent.add(id)
        }
      }
    }
    return recent
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  add(id: string): void {
    this.#ids.add(id)
    if (this.#ids.size <= this.#max) return
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest)
      return
    }
  }
}

const view = new PublishView()

function eventIdAt(bytes: Buffer, offset: number): string | undefined {
  // A search finds barriers too.
  if (recordKindAt(bytes, offset) !== recordKind.publish) return undefined
  const { buffer, propertiesStart, propertiesEnd } = view.moveTo(bytes, offset)
  if (propertiesStart === propertiesEnd) return undefined
  return eventIdOf(decodeProperties(buffer, propertiesStart, propertiesEnd).userProperties ?? [])
}
