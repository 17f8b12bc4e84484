/** Each simulated device publishes: those of the scenarios that run, seen on the wire. */
import { type DeviceKind, type DevicePart, deviceIds, deviceKindDefaults, scenarioParts } from '@hawser/simulate'
import type { Check, ConsoleContext } from '../check.ts'
import { isIdOf } from '../device-ids.ts'
import { type Finding, failed, passed, skipped } from '../finding.ts'
import { heard } from '../waiting.ts'

const subject = { name: 'devices', what: 'simulated devices' }
/** Silent devices that a line names; of more it says how many. */
const namedMax = 5

export const devicesCheck: Check = {
  subject,
  needs: 'console',
  async run(context) {
    const parts = context.scenarios.flatMap((name) => scenarioParts(name)).filter(isDevicePart)
    const kinds = await Promise.all(
      parts.filter(({ kind }) => context.scale[kind] !== 0).map((part) => watchedKind(part, context)),
    )
    if (kinds.length === 0) return [skipped(subject, 'no scenario runs here')]
    const startedAtMs = context.clock.monotonicMs()
    await listen(kinds, context)
    const seconds = (context.clock.monotonicMs() - startedAtMs) / 1000
    return kinds.map((kind) => findingOf(kind, seconds))
  },
}

interface WatchedKind {
  readonly kind: DeviceKind
  readonly filter: string
  readonly matches: (topic: string) => boolean
  /** Topics that must be heard; empty where only the kind is known. */
  readonly expected: ReadonlySet<string>
  readonly seen: Map<string, number>
}

const isDevicePart = (part: ReturnType<typeof scenarioParts>[number]): part is DevicePart => 'ids' in part.options

/** Which devices there are is known from `scale`, or from the topics that the console has seen. */
async function watchedKind(part: DevicePart, { console, scale }: ConsoleContext): Promise<WatchedKind> {
  const { kind, options } = part
  const [start = '', end] = options.topic.split('{id}')
  const matches = (topic: string): boolean =>
    end === undefined
      ? topic === start
      : topic.startsWith(start) &&
        topic.endsWith(end) &&
        isIdOf(kind, topic.slice(start.length, -end.length || undefined))
  const count = scale[kind]
  const topics =
    count === undefined
      ? (await console.topics(start)).map(({ topic }) => topic).filter(matches)
      : deviceIds(kind, count).map((id) => options.topic.replaceAll('{id}', id))
  const filter = options.topic.replaceAll('{id}', '+')
  return { kind, filter, matches, expected: new Set(topics), seen: new Map() }
}

async function listen(kinds: readonly WatchedKind[], { connect, brokerUrls, random, timeUp }: ConsoleContext) {
  await using peer = await connect(brokerUrls.tcp, `hawser-doctor-devices-${random.integer(2 ** 32)}`, timeUp)
  const all = heard(peer, timeUp, ({ topic, retain }) => {
    // A retained value may be of any age.
    if (retain) return false
    for (const { matches, seen } of kinds) if (matches(topic)) seen.set(topic, (seen.get(topic) ?? 0) + 1)
    return kinds.every((kind) => kind.seen.size > 0 && silent(kind).length === 0)
  })
  all.catch(() => undefined)
  for (const filter of new Set(kinds.map((kind) => kind.filter))) await peer.subscribe(filter, 0)
  await all
}

const silent = ({ expected, seen }: WatchedKind): readonly string[] => [...expected].filter((topic) => !seen.has(topic))

function findingOf(watched: WatchedKind, seconds: number): Finding {
  const { kind, seen } = watched
  const subject = { name: `device:${kind}`, what: `${kind} publishing` }
  const within = `within ${seconds.toFixed(1)} s`
  const quiet = silent(watched)
  const interval = deviceKindDefaults[kind].intervalSeconds
  if (quiet.length > 0) {
    const more = quiet.length > namedMax ? ` and ${quiet.length - namedMax} more` : ''
    return failed(
      subject,
      `silent ${within}: ${quiet.slice(0, namedMax).join(', ')}${more}`,
      `each should say something every ${interval} s: was it stopped? --timeout waits longer`,
    )
  }
  if (seen.size === 0) {
    const mend = `see the log file; where there is to be none, say --scale ${kind}=0 as to hawser up`
    return failed(subject, `no ${kind} was heard ${within}`, mend)
  }
  const messages = [...seen.values()].reduce((sum, count) => sum + count, 0)
  const topics = seen.size === 1 ? [...seen.keys()].join() : `${seen.size} topics`
  return passed(subject, `${messages} ${messages === 1 ? 'message' : 'messages'} on ${topics} ${within}`)
}
