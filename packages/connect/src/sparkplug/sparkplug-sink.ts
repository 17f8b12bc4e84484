/**
 * Reads Sparkplug out of the log and publishes it decoded. What is known of edge nodes is durable with the cursor: after
 * a crash the same messages are decoded by the same births, and may be published twice.
 */
import type { LogId } from '@hawser/engine'
import type { Clock, EpochMicros } from '@hawser/std'
import type { Checkpoint, DeadLetters, Message, MessageBatch, Sink, WriteOutcome } from '../connector.ts'
import type { OwnedCursor } from '../cursor-store.ts'
import { type KeptLetters, keptDeadLetters } from '../kept-letters.ts'
import { notRefused, type Refused } from '../refused.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { type NodeLimits, named, type StepOutcome, step, unknownNode } from './edge-node.ts'
import type { EdgeNodes } from './edge-nodes.ts'
import type { SparkplugHost } from './host.ts'
import { type Output, type OutputForm, outputsOf } from './output.ts'
import { openPayload } from './payload/inflate.ts'
import type { Payload } from './payload/types.ts'
import { type RebirthPace, rebirthCommand } from './rebirth.ts'
import { commandTopic, type EdgeTopic, parseTopic } from './topic.ts'

export interface SparkplugLimits extends NodeLimits {
  readonly nodesMax: number
}

export interface SparkplugSinkParts {
  readonly logId: LogId
  readonly host: SparkplugHost
  readonly hostId: string | undefined
  readonly form: OutputForm
  readonly retain: boolean
  readonly cursor: OwnedCursor
  readonly letters: KeptLetters
  readonly nodes: EdgeNodes
  readonly pace: RebirthPace
  readonly limits: SparkplugLimits
  readonly clock: Clock
}

/** What was published longer ago than this says nothing of how a node is now. */
const currentMicrosMax = 60_000_000
/** So many publishes wait for their acknowledgement at a time. */
const inFlightMax = 100

type Decode = (topic: EdgeTopic, payload: Payload) => StepOutcome

export class SparkplugSink implements Sink {
  readonly checkpoint: Checkpoint | undefined
  readonly deadLetters: DeadLetters
  readonly #parts: SparkplugSinkParts
  #isContradicted = false

  constructor(parts: SparkplugSinkParts) {
    this.#parts = parts
    this.checkpoint = parts.cursor.checkpoint
    const { letters, cursor } = parts
    this.deadLetters = keptDeadLetters(letters, cursor, (messages, signal) => this.#replay(messages, signal))
  }

  async write(batch: MessageBatch, signal: AbortSignal): Promise<WriteOutcome> {
    const { cursor, letters, nodes, host } = this.#parts
    const { messages } = batch
    if (messages.length > 0) await cursor.hold()
    const { outputs, refused } = this.#read(messages, this.#step)
    await unlessAborted(signal, this.#publish(outputs))
    if (this.#isContradicted) await host.announce()
    this.#isContradicted = false
    const newest = messages.at(-1)
    if (newest !== undefined && this.#isCurrent(newest.ingestedAt)) await this.#askForRebirths()
    await cursor.advance(batch, [...letters.add(refused), ...nodes.changes()])
    return { written: messages.length - refused.length, duplicates: 0, deadLetters: refused.length }
  }

  async tick(): Promise<void> {
    this.#parts.host.check()
    await this.#askForRebirths()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.host[Symbol.asyncDispose]()
  }

  async #replay(messages: readonly Message[], signal: AbortSignal): Promise<WriteOutcome> {
    const { cursor, letters, nodes } = this.#parts
    await cursor.hold()
    // By what is known now; the order of a node's messages is not touched.
    const { outputs, refused } = this.#read(messages, (topic, { metrics }) =>
      named(metrics, nodes.get(topic)?.births.get(topic.device ?? '')),
    )
    await unlessAborted(signal, this.#publish(outputs))
    const written = notRefused(messages, refused)
    await cursor.keep(letters.remove(written))
    return { written: written.length, duplicates: 0, deadLetters: refused.length }
  }

  #read(messages: readonly Message[], decode: Decode): { outputs: readonly Output[]; refused: readonly Refused[] } {
    const outputs: Output[] = []
    const refused: Refused[] = []
    for (const message of messages) {
      const read = this.#readOne(message, decode)
      if ('reason' in read) refused.push({ message, ...read })
      else outputs.push(...read.outputs)
    }
    return { outputs, refused }
  }

  #readOne(message: Message, decode: Decode): { readonly outputs: readonly Output[] } | { readonly reason: string } {
    const topic = parseTopic(message.topic)
    if (topic === undefined) return { reason: 'no-sparkplug: the topic is none of its own' }
    if (topic.kind === 'state') {
      this.#isContradicted ||= topic.host === this.#parts.hostId && saysOffline(message.payload)
      return { outputs: [] }
    }
    const payload = openedPayload(message.payload)
    if (payload === undefined) return { reason: 'no-payload: it cannot be decoded' }
    const outcome = decode(topic, payload)
    switch (outcome.kind) {
      case 'refused':
        return { reason: outcome.reason }
      case 'ignored':
        return { outputs: [] }
      case 'decoded':
        return { outputs: outputsOf(this.#parts.form, topic, outcome.metrics, payload.timestamp) }
      default:
        throw outcome satisfies never
    }
  }

  readonly #step: Decode = (topic, payload) => {
    const { nodes, limits } = this.#parts
    const known = nodes.get(topic)
    if (known === undefined && nodes.size >= limits.nodesMax) {
      return { kind: 'refused', reason: `too-many-nodes: ${limits.nodesMax}` }
    }
    const [next, outcome] = step(known ?? unknownNode, topic, payload, limits)
    if (next !== (known ?? unknownNode)) nodes.set(topic, next)
    return outcome
  }

  /** In order; those under way together keep it, too, because they go through one connection. */
  async #publish(outputs: readonly Output[]): Promise<void> {
    const { host, retain } = this.#parts
    for (let at = 0; at < outputs.length; at += inFlightMax) {
      const some = outputs.slice(at, at + inFlightMax)
      await Promise.all(some.map(({ topic, payload }) => host.publish(topic, payload, { qos: 1, retain })))
    }
  }

  #isCurrent(ingestedAt: EpochMicros): boolean {
    return this.#parts.clock.wallMicros() - ingestedAt < currentMicrosMax
  }

  async #askForRebirths(): Promise<void> {
    const { host, nodes, pace, clock } = this.#parts
    for (const { group, node } of pace.due(nodes.needingRebirth())) {
      const command = rebirthCommand(Math.floor(clock.wallMicros() / 1000))
      await host.publish(commandTopic(group, node), command, { qos: 0, retain: false })
    }
  }
}

function openedPayload(bytes: Buffer): Payload | undefined {
  try {
    return openPayload(bytes)
  } catch {
    return undefined
  }
}

/** Somebody says that we are not there: an earlier owner's farewell, or its will. */
function saysOffline(payload: Buffer): boolean {
  try {
    return JSON.parse(payload.toString('utf8'))?.online === false
  } catch {
    return false
  }
}
