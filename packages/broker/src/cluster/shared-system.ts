/** `$SYS` of several processes: the one of the lowest lane says the sums, and all say what it says. */
import type { Partition, PeerId } from '@hawser/engine'
import { milliseconds } from '@hawser/std'
import type { SystemStats } from '../system/figures.ts'
import type { Cluster } from './cluster.ts'
import { decodeMessage, encodeMessage } from './encoding.ts'

const channel = 'system'
const question = 'system'
/** Who does not answer in time is left out this time. */
const answerMsMax = milliseconds(1_000)

export type SystemFigures = Readonly<Record<string, string | number>>

export class SharedSystem {
  readonly #cluster: Cluster
  readonly #lane: Partition
  #figures: SystemFigures = {}
  #sessionsOnlineMax = 0

  /** `say` is given what the speaker says. */
  constructor(cluster: Cluster, lane: Partition, own: () => SystemStats, say: (figures: SystemFigures) => void) {
    this.#cluster = cluster
    this.#lane = lane
    cluster.questions.answer(question, () => encodeMessage(own()))
    const take = (_from: PeerId, bytes: Buffer): void => say(decodeMessage<SystemFigures>(bytes) ?? {})
    cluster.use(cluster.members.bus.subscribe(channel, take))
    cluster.onNewcomer(async (peer) => {
      if (this.speaks) cluster.outbox.send(peer, channel, encodeMessage(this.#figures))
    })
  }

  get speaks(): boolean {
    const { members, peers } = this.#cluster
    return [...peers.present].every((peer) => (members.partitionOf(peer) ?? Number.POSITIVE_INFINITY) > this.#lane)
  }

  /** With those of all others. */
  async sum(own: SystemStats): Promise<SystemStats> {
    const answers = await this.#cluster.questions.ask(question, new Uint8Array(), { answerMsMax })
    const others = [...answers.values()].map((bytes) => decodeMessage<SystemStats>(bytes))
    const sum = others.reduce<SystemStats>((total, other) => (other === undefined ? total : add(total, other)), own)
    this.#sessionsOnlineMax = Math.max(this.#sessionsOnlineMax, sum.sessionsOnline)
    return {
      ...sum,
      uptimeSeconds: own.uptimeSeconds,
      // Every process has all of them.
      retainedMessages: own.retainedMessages,
      retainedBytes: own.retainedBytes,
      counters: { ...sum.counters, sessionsOnlineMax: this.#sessionsOnlineMax },
    }
  }

  tell(figures: SystemFigures): void {
    this.#figures = figures
    const { peers, outbox } = this.#cluster
    for (const peer of peers.present) outbox.send(peer, channel, encodeMessage(figures))
  }
}

/** Number by number, however deep they stand. */
function add<Value>(one: Value, other: Value): Value {
  if (typeof one === 'number' && typeof other === 'number') return (one + other) as Value
  if (Array.isArray(one) && Array.isArray(other)) return one.map((each, index) => add(each, other[index])) as Value
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return one
  const others = new Map<string, unknown>(Object.entries(other))
  return Object.fromEntries(Object.entries(one).map(([name, value]) => [name, add(value, others.get(name))])) as Value
}
