/** One run of traffic: connect, warm up, measure, stop, wait for what is still on its way, count. */
import { setTimeout as sleep } from 'node:timers/promises'
import { connectAll } from './connect-all.ts'
import { GroupLedger } from './count/group-ledger.ts'
import { Histogram } from './count/histogram.ts'
import type { Ledger } from './count/ledger.ts'
import { ReceiverLedger } from './count/receiver-ledger.ts'
import type { Progress, TrafficJob, TrafficTally } from './job.ts'
import { partOf } from './part.ts'
import type { Publisher } from './publish/publisher.ts'
import { createPump, type Pump } from './publish/pump.ts'
import { StreamPublisher } from './publish/stream-publisher.ts'
import { WindowPublisher } from './publish/window-publisher.ts'
import { Subscriber } from './subscriber.ts'
import { nowMs } from './time.ts'
import { type Topology, topologyOf } from './topology.ts'

/** Without any delivery for so long, what is missing is lost. */
const drainQuietMs = 2000
/** What a slow broker has not handed out by then is neither delivered nor lost. */
const drainMsMax = 20_000
const drainLookMs = 50
const progressMs = 1000

/** What the processes of one load agree upon. */
export interface Together {
  /** All of this process's are connected; resolves when those of all are. */
  connected(): Promise<void>
  /** What this process's publishers have published, by their number; resolves with what all have. */
  published(own: readonly number[]): Promise<readonly number[]>
  onProgress?(progress: Progress): void
  /** Around what is measured. */
  onMeasuring?(): void
  onMeasured?(): void
  /** Ends the publishing early; what was published is counted all the same. */
  readonly signal?: AbortSignal
}

/** Of a load that is one process. */
export const alone: Together = { connected: async () => {}, published: async (own) => own }

export async function runTraffic(job: TrafficJob, together: Together): Promise<TrafficTally> {
  const traffic = new Traffic(job)
  await traffic.connect()
  await together.connected()
  const progress = setInterval(() => together.onProgress?.(traffic.counts()), progressMs)
  traffic.pump.start()
  await unlessAborted(job.warmUpSeconds, together)
  traffic.forgetWarmUp()
  together.onMeasuring?.()
  const before = traffic.counts()
  await unlessAborted(job.seconds, together)
  const after = traffic.counts()
  together.onMeasured?.()
  const measured = traffic.histograms()
  traffic.pump.stop()
  const published = await together.published(traffic.publishedByPublisher())
  const isDrained = await traffic.drained(published)
  clearInterval(progress)
  traffic.close()
  const due = traffic.ledger.due(published)
  const seconds = (after.atMs - before.atMs) / 1000
  return {
    ...measured,
    published: traffic.counts().published,
    delivered: traffic.ledger.delivered,
    publishedPerSecond: (after.published - before.published) / seconds,
    deliveredPerSecond: (after.delivered - before.delivered) / seconds,
    unacknowledged: traffic.unacknowledged,
    lost: traffic.ledger.missing + (isDrained ? due : 0),
    undelivered: isDrained ? 0 : due,
    duplicated: traffic.ledger.duplicated,
    outOfOrder: traffic.ledger.outOfOrder,
    closed: traffic.closed,
  }
}

async function unlessAborted(seconds: number, { signal }: Together): Promise<void> {
  await sleep(seconds * 1000, undefined, signal === undefined ? {} : { signal }).catch(() => {})
}

class Traffic {
  readonly ledger: Ledger
  readonly pump: Pump
  closed = 0
  readonly #job: TrafficJob
  readonly #topology: Topology
  readonly #latencies = new Histogram()
  readonly #lateness = new Histogram()
  readonly #acknowledgements = new Histogram()
  readonly #publishers: ReadonlyMap<number, Publisher>
  readonly #subscribers: ReadonlyMap<number, Subscriber>

  constructor(job: TrafficJob) {
    this.#job = job
    this.#topology = topologyOf(job)
    const { publishers, subscribers, shape } = job
    // A message that two members get is seen where both are.
    const receivers = shape === 'shared' ? wholeGroup(job) : partOf(subscribers, job.part)
    const own = partOf(publishers, job.part)
    this.ledger =
      shape === 'shared'
        ? new GroupLedger(publishers, receivers.end === 0 ? 0 : subscribers)
        : new ReceiverLedger({ ...this.#topology, publishers, receivers })
    this.#subscribers = numbered(receivers, (receiver) => this.#subscriber(receiver))
    this.#publishers = numbered(own, (publisher) => this.#publisher(publisher))
    const { deliveriesPerMessage } = this.#topology
    this.pump = createPump({
      job: { ...job, rate: (job.rate * this.#publishers.size) / publishers },
      publishers: [...this.#publishers.values()],
      deliveriesPerMessage,
      lateness: this.#lateness,
      outstanding: () => this.#published() * deliveriesPerMessage - this.ledger.delivered,
    })
  }

  async connect(): Promise<void> {
    const { prefix, isPersistent, qos } = this.#job
    await connectAll([...this.#subscribers], async ([receiver, subscriber]) => {
      await subscriber.open(`${prefix}-subscriber-${receiver}`, isPersistent)
      for (const filter of this.#topology.filtersOf(receiver)) await subscriber.subscribe(filter, qos)
    })
    await connectAll([...this.#publishers], ([number, publisher]) => publisher.open(`${prefix}-publisher-${number}`))
  }

  forgetWarmUp(): void {
    for (const histogram of [this.#latencies, this.#lateness, this.#acknowledgements]) histogram.clear()
  }

  histograms(): Pick<TrafficTally, 'latency' | 'lateness' | 'acknowledgement'> {
    const acknowledgement = this.#acknowledgements.counts()
    return { latency: this.#latencies.counts(), lateness: this.#lateness.counts(), acknowledgement }
  }

  counts() {
    return { atMs: nowMs(), published: this.#published(), delivered: this.ledger.delivered }
  }

  publishedByPublisher(): readonly number[] {
    return Array.from({ length: this.#job.publishers }, (_, index) => this.#publishers.get(index)?.published ?? 0)
  }

  get unacknowledged(): number {
    return [...this.#publishers.values()].reduce((sum, publisher) => sum + publisher.unacknowledged, 0)
  }

  /** Resolves with whether nothing is on its way any more, once all together have published so much. */
  async drained(published: readonly number[]): Promise<boolean> {
    const startedMs = nowMs()
    let changedMs = startedMs
    let before = ''
    while (this.unacknowledged + this.ledger.missing + this.ledger.due(published) > 0) {
      const now = `${this.ledger.delivered} ${this.unacknowledged}`
      if (now !== before) changedMs = nowMs()
      else if (nowMs() - changedMs > drainQuietMs) return true
      if (changedMs - startedMs > drainMsMax) return false
      before = now
      await sleep(drainLookMs)
    }
    return true
  }

  close(): void {
    for (const connection of [...this.#publishers.values(), ...this.#subscribers.values()]) connection.close()
  }

  #published(): number {
    let published = 0
    for (const publisher of this.#publishers.values()) published += publisher.published
    return published
  }

  readonly #onClosed = (): void => {
    this.closed++
  }

  #subscriber(receiver: number): Subscriber {
    const { target, payloadBytes } = this.#job
    const onProgress = (): void => this.pump.wake()
    const counted = { ledger: this.ledger, latencies: this.#latencies, onProgress, onClosed: this.#onClosed }
    return new Subscriber({ target, index: receiver, receiver, payloadBytes, ...counted })
  }

  #publisher(publisher: number): Publisher {
    const { target, payloadBytes, qos, window, subscribers } = this.#job
    const options = {
      target,
      index: subscribers + publisher,
      publisher,
      topics: this.#topology.topicsOf(publisher),
      payloadBytes,
      acknowledgements: this.#acknowledgements,
      onReady: () => this.pump.wake(),
      onClosed: this.#onClosed,
    }
    return qos === 0 ? new StreamPublisher(options) : new WindowPublisher({ ...options, qos, window })
  }
}

const wholeGroup = ({ part, subscribers }: TrafficJob) => ({ from: 0, end: part.index === 0 ? subscribers : 0 })

const numbered = <One>({ from, end }: { from: number; end: number }, make: (number: number) => One) =>
  new Map(Array.from({ length: end - from }, (_, index) => [from + index, make(from + index)] as const))
