/** Retained messages, and how fast a new subscriber of `#` gets them all. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, type ConnectionOptions } from './connection.ts'
import type { Target } from './target.ts'
import { nowMs } from './time.ts'
import { packetType, publishPacket } from './wire/packets.ts'
import { createPayload, isMarked, patchSequence, sequenceAt } from './wire/payload.ts'

/** Unacknowledged publishes while they are stored. */
const window = 100
/** Without any message for so long, what is missing is lost. */
const quietMs = 3000
const settleMs = 1000
const lookMs = 20

export interface RetainedJob {
  readonly target: Target
  readonly prefix: string
  readonly messages: number
  readonly payloadBytes: number
}

export interface RetainedTally {
  readonly storedPerSecond: number
  readonly receivedPerSecond: number
  readonly lost: number
  readonly duplicated: number
}

interface Around {
  onMeasuring?(): void
  onMeasured?(): void
}

export async function runRetained(job: RetainedJob, around: Around = {}): Promise<RetainedTally> {
  const { target, prefix, messages } = job
  const storing = nowMs()
  await storeAll(job)
  const storedPerSecond = (messages * 1000) / (nowMs() - storing)
  await sleep(settleMs)
  const receiver = new RetainedReceiver({ target, index: 1, onClosed: () => {} }, job)
  await receiver.open(`${prefix}-retained-subscriber`)
  around.onMeasuring?.()
  const startedMs = nowMs()
  await receiver.subscribe('#', 0)
  while (receiver.received < messages && nowMs() - Math.max(receiver.lastMs, startedMs) < quietMs) await sleep(lookMs)
  around.onMeasured?.()
  receiver.close()
  const { received, duplicated, lastMs } = receiver
  const receivedPerSecond = (received * 1000) / (lastMs - startedMs)
  return { storedPerSecond, receivedPerSecond, lost: messages - received, duplicated }
}

async function storeAll({ target, prefix, messages, payloadBytes }: RetainedJob): Promise<void> {
  const publisher = new Storer({ target, index: 0, onClosed: () => publisher.stored.reject(new Error('closed')) })
  await publisher.open(`${prefix}-retained-publisher`)
  const payload = createPayload(payloadBytes, 0)
  publisher.store(messages, (message) => {
    patchSequence(payload, 0, message)
    const topic = `${prefix}/${message % 1000}/${message}`
    const packetId = (message % 65_535) + 1
    return publishPacket({ topic, qos: 1, packetId, payload, version: target.version, isRetained: true })
  })
  await publisher.stored.promise
  publisher.close()
}

/** Publishes at QoS 1, `window` at a time. */
class Storer extends Connection {
  readonly stored = Promise.withResolvers<void>()
  #messages = 0
  #packetOf: (message: number) => Buffer = () => Buffer.alloc(0)
  #sent = 0
  #acknowledged = 0

  store(messages: number, packetOf: (message: number) => Buffer): void {
    this.#messages = messages
    this.#packetOf = packetOf
    this.#fill()
  }

  protected override onFrame(bytes: Buffer, first: number, body: number, end: number): void {
    if ((first & 0xf0) === packetType.puback) this.#acknowledged++
    else super.onFrame(bytes, first, body, end)
  }

  protected override onReadEnd(): void {
    if (this.#acknowledged === this.#messages && this.#messages > 0) this.stored.resolve()
    else this.#fill()
  }

  #fill(): void {
    const packets: Buffer[] = []
    while (this.#sent < this.#messages && this.#sent - this.#acknowledged < window) {
      packets.push(this.#packetOf(this.#sent++))
    }
    if (packets.length > 0) this.socket.write(Buffer.concat(packets))
  }
}

class RetainedReceiver extends Connection {
  received = 0
  duplicated = 0
  lastMs = 0
  readonly #seen: Uint8Array
  readonly #payloadBytes: number

  constructor(options: ConnectionOptions, { messages, payloadBytes }: RetainedJob) {
    super(options)
    this.#seen = new Uint8Array(messages)
    this.#payloadBytes = payloadBytes
  }

  protected override onFrame(bytes: Buffer, first: number, body: number, end: number): void {
    if ((first & 0xf0) !== packetType.publish) return super.onFrame(bytes, first, body, end)
    const payload = end - this.#payloadBytes
    // A broker may have retained messages of its own.
    if (payload < body || !isMarked(bytes, payload)) return
    const sequence = sequenceAt(bytes, payload)
    if (this.#seen[sequence] === 1) this.duplicated++
    else this.received++
    this.#seen[sequence] = 1
  }

  protected override onReadEnd(): void {
    this.lastMs = nowMs()
  }
}
