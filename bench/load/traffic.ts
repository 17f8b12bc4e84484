/** One run of traffic: connect, warm up, measure, stop, wait for what is still on its way, count. */
import { setTimeout as sleep } from 'node:timers/promises'
import { measureUse } from '../machine/processes.ts'
import { connectAll } from './connect-all.ts'
import type { TrafficJob, TrafficResult } from './job.ts'
import { Latencies } from './latencies.ts'
import { Ledger } from './ledger.ts'
import type { Publisher } from './publisher.ts'
import { createPump, type Pump } from './pump.ts'
import { StreamPublisher } from './stream-publisher.ts'
import { Subscriber } from './subscriber.ts'
import { WindowPublisher } from './window-publisher.ts'

/** Without any delivery for so long, what is missing is lost. */
const drainQuietMs = 2000
/** What a slow broker has not handed out by then is neither delivered nor lost. */
const drainMsMax = 20_000
const drainLookMs = 50

export async function runTraffic(job: TrafficJob): Promise<TrafficResult> {
  const traffic = new Traffic(job)
  await traffic.connect()
  traffic.pump.start()
  await sleep(job.warmUpSeconds * 1000)

  traffic.latencies.clear()
  traffic.lateness.clear()
  const endUse = measureUse(job.brokerPid)
  const before = traffic.counts()
  await sleep(job.seconds * 1000)
  const after = traffic.counts()
  const use = endUse()
  const latencyMicros = traffic.latencies.quantilesMicros()
  const sentLateMicros = traffic.lateness.quantilesMicros()

  traffic.pump.stop()
  const isDrained = await traffic.drained()
  const due = traffic.due()
  const seconds = (after.atMs - before.atMs) / 1000
  const result: TrafficResult = {
    kind: 'traffic',
    publishedPerSecond: (after.published - before.published) / seconds,
    deliveredPerSecond: (after.delivered - before.delivered) / seconds,
    lost: traffic.ledger.missing + (isDrained ? due : 0),
    undelivered: isDrained ? 0 : due,
    duplicated: traffic.ledger.duplicated,
    outOfOrder: traffic.ledger.outOfOrder,
    closed: traffic.closed,
    latencyMicros,
    sentLateMicros,
    use,
  }
  traffic.close()
  return result
}

class Traffic {
  readonly job: TrafficJob
  readonly ledger: Ledger
  readonly latencies = new Latencies()
  readonly lateness = new Latencies()
  readonly pump: Pump
  closed = 0
  readonly #publishers: readonly Publisher[]
  readonly #subscribers: readonly Subscriber[]

  constructor(job: TrafficJob) {
    this.job = job
    this.ledger = new Ledger(job.publishers, job.subscribers)
    this.#subscribers = Array.from({ length: job.subscribers }, (_, index) => this.#subscriber(index))
    this.#publishers = Array.from({ length: job.publishers }, (_, index) => this.#publisher(index))
    const deliveriesPerMessage = this.#receiversOf(0).length
    const outstanding = (): number => this.#published() * deliveriesPerMessage - this.ledger.delivered
    this.pump = createPump({
      job,
      publishers: this.#publishers,
      deliveriesPerMessage,
      lateness: this.lateness,
      outstanding,
    })
  }

  async connect(): Promise<void> {
    await connectAll(this.#subscribers, async (subscriber, index) => {
      await subscriber.open(`bench-subscriber-${index}`, !this.job.persistent)
      await subscriber.subscribe(this.job.shape === 'pairs' ? topic(index) : topic('+'), this.job.qos)
    })
    await connectAll(this.#publishers, (publisher, index) => publisher.open(`bench-publisher-${index}`, true))
  }

  counts() {
    return { atMs: performance.now(), published: this.#published(), delivered: this.ledger.delivered }
  }

  due(): number {
    const published = this.#publishers.map((publisher) => publisher.published)
    return this.ledger.due(published, (publisher) => this.#receiversOf(publisher))
  }

  /** Resolves with whether nothing is on its way any more. */
  async drained(): Promise<boolean> {
    let delivered = -1
    const startedMs = performance.now()
    let changedMs = startedMs
    while (this.due() > 0 && performance.now() - changedMs < drainQuietMs) {
      if (this.ledger.delivered !== delivered) changedMs = performance.now()
      if (changedMs - startedMs > drainMsMax) return false
      delivered = this.ledger.delivered
      await sleep(drainLookMs)
    }
    return true
  }

  close(): void {
    for (const connection of [...this.#publishers, ...this.#subscribers]) connection.close()
  }

  #published(): number {
    let published = 0
    for (const publisher of this.#publishers) published += publisher.published
    return published
  }

  #receiversOf(publisher: number): readonly number[] {
    const { shape, subscribers } = this.job
    if (shape === 'pairs') return publisher < subscribers ? [publisher] : []
    return Array.from({ length: subscribers }, (_, index) => index)
  }

  readonly #onClosed = (): void => {
    this.closed++
  }

  #subscriber(index: number): Subscriber {
    const { ledger, latencies } = this
    const { port, payloadBytes } = this.job
    const onProgress = (): void => this.pump.wake()
    return new Subscriber({ port, index, payloadBytes, ledger, latencies, onProgress, onClosed: this.#onClosed })
  }

  #publisher(index: number): Publisher {
    const { port, payloadBytes, qos, window } = this.job
    const onReady = (): void => this.pump.wake()
    const options = { port, index, topic: topic(index), payloadBytes, onReady, onClosed: this.#onClosed }
    return qos === 0 ? new StreamPublisher(options) : new WindowPublisher({ ...options, qos, window })
  }
}

const topic = (level: number | '+'): string => `bench/${level}`
