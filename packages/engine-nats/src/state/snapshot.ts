/**
 * All rows as they are after one message of the state's stream, so that a node that starts need not read what came
 * before, and that may be deleted. Taken beside the writes that go on: a row is kept as it was when it changes meanwhile.
 *
 * A snapshot is a stream of the bus's frames, cut into parts. Channel `row:TABLE`: u32 bytes of the key | f64 revision |
 * key | value (little endian). Channel `writer`: what is known of one writer, as JSON.
 */
import { FrameGatherer, FrameParser, frameBytes, type StateRow } from '@hawser/engine'
import type { StateMachine, Writer } from './state-machine.ts'

const rowChannel = 'row:'
const writerChannel = 'writer'
const rowHeadBytes = 12
export const snapshotPartBytes = 512 << 10

interface WrittenWriter extends Omit<Writer, 'parts'> {
  readonly name: string
  readonly parts: readonly string[]
}

/** The state as it is at the first call of `next`, whatever is applied between the calls after it. */
export async function* snapshotOf(machine: StateMachine): AsyncGenerator<Buffer> {
  const gatherer = new FrameGatherer()
  const add = (channel: string, bytes: Buffer): void => gatherer.add(channel, bytes, frameBytes(channel, bytes))
  for (const [name, { number, partsOf, parts }] of machine.writers) {
    const writer: WrittenWriter = { name, number, partsOf, parts: parts.map((part) => part.toString('base64')) }
    add(writerChannel, Buffer.from(JSON.stringify(writer)))
  }
  const tables = [...machine.tables]
  const changed = new Map<string, Map<string, StateRow | undefined>>()
  for (const [name, table] of tables) {
    const before = new Map<string, StateRow | undefined>()
    changed.set(name, before)
    table.onChange = (key, row) => void (before.has(key) || before.set(key, row))
  }
  try {
    for (const [name, table] of tables) {
      const before = changed.get(name)
      for (const [key, row] of table.entriesFrom('')) {
        if (before?.has(key) !== true) add(rowChannel + name, encodeRow(key, row))
        if (gatherer.bytes < snapshotPartBytes) continue
        yield Buffer.from(gatherer.gathered())
        gatherer.reset()
      }
    }
  } finally {
    for (const [, table] of tables) table.onChange = undefined
  }
  for (const [name, before] of changed) {
    for (const [key, row] of before) if (row !== undefined) add(rowChannel + name, encodeRow(key, row))
  }
  if (gatherer.bytes > 0) yield Buffer.from(gatherer.gathered())
}

/** Takes the parts of a snapshot in their order. */
export class SnapshotReader {
  readonly #machine: StateMachine
  readonly #parser = new FrameParser((channel, bytes) => this.#take(channel, bytes))

  /** The machine is a new one. */
  constructor(machine: StateMachine) {
    this.#machine = machine
  }

  /** Answers false where it is none. */
  push(part: Buffer): boolean {
    return this.#parser.push(part)
  }

  #take(channel: string, bytes: Buffer): void {
    if (channel.startsWith(rowChannel)) {
      const keyEnd = rowHeadBytes + bytes.readUInt32LE(0)
      const row = { value: Buffer.from(bytes.subarray(keyEnd)), revision: bytes.readDoubleLE(4) }
      this.#machine.table(channel.slice(rowChannel.length)).set(bytes.toString('utf8', rowHeadBytes, keyEnd), row)
    } else if (channel === writerChannel) {
      const { name, number, partsOf, parts }: WrittenWriter = JSON.parse(bytes.toString())
      this.#machine.writers.set(name, { number, partsOf, parts: parts.map((part) => Buffer.from(part, 'base64')) })
    }
  }
}

function encodeRow(key: string, { value, revision }: StateRow): Buffer {
  const keyBytes = Buffer.from(key)
  const bytes = Buffer.allocUnsafe(rowHeadBytes + keyBytes.length + value.length)
  bytes.writeUInt32LE(keyBytes.length)
  bytes.writeDoubleLE(revision, 4)
  bytes.set(keyBytes, rowHeadBytes)
  bytes.set(value, rowHeadBytes + keyBytes.length)
  return bytes
}
