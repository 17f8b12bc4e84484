/**
 * Snapshots of the state, in a stream of their own: parts on a subject of each snapshot, and one head that names the
 * newest. Whoever's batch makes the state's stream too long takes the next one; the head is moved by compare-and-set, and
 * what it replaces is deleted. The stream is kept from the snapshot before on, so that who is slow still finds its place.
 */
import { HawserError } from '@hawser/std'
import type { JetStreamClient } from '@nats-io/jetstream'
import { type ReadOptions, readStored } from '../stream/stored-messages.ts'
import { codeOf, type Streams } from '../stream/streams.ts'
import { SnapshotReader, snapshotOf } from './snapshot.ts'
import type { StateMachine } from './state-machine.ts'

const headVersion = 1
/** The second: another message is on its way there. */
const wrongLastSequence: ReadonlySet<number> = new Set([10071, 10164])

export interface SnapshotsOptions {
  readonly read: Omit<ReadOptions, 'stream'>
  readonly jetstream: JetStreamClient
  readonly streams: Streams
  readonly prefix: string
  /** Of the changes that the snapshots stand for. */
  readonly stateStream: string
}

interface Head {
  readonly version: number
  /** The last message of the state's stream that it holds. */
  readonly sequence: number
  readonly revision: number
  readonly parts: number
  /** Number of the first part in the stream of snapshots. */
  readonly firstPart: number
}

interface FoundHead extends Head {
  /** Of the head's message. */
  readonly at: number
}

export class Snapshots {
  readonly #options: SnapshotsOptions
  readonly #stream: string

  constructor(options: SnapshotsOptions) {
    this.#options = options
    this.#stream = `${options.prefix}_snapshots`
  }

  async open(): Promise<void> {
    await this.#options.streams.ensure({ name: this.#stream, subjects: [`${this.#options.prefix}.snapshots.>`] })
  }

  /** Fills a new machine; answers the last message of the state's stream that is in it, 0 where there is no snapshot. */
  async load(create: () => StateMachine): Promise<{ readonly machine: StateMachine; readonly sequence: number }> {
    for (;;) {
      const head = await this.#head()
      const machine = create()
      if (head === undefined) return { machine, sequence: 0 }
      machine.revision = head.revision
      if (await this.#readParts(head, new SnapshotReader(machine))) return { machine, sequence: head.sequence }
    }
  }

  /**
   * Takes one of the state as it is at the call, after message `sequence`. Answers false where another node has taken a
   * newer one. Rejects where the servers do not take it: what is there stays.
   */
  async take(machine: StateMachine, sequence: number): Promise<boolean> {
    const { revision } = machine
    const parts = snapshotOf(machine)
    // It begins now, and the next message changes what it holds no more.
    const first = parts.next()
    const subject = this.#partsSubject(sequence)
    try {
      const before = await this.#head()
      if (before !== undefined && before.sequence >= sequence) return false
      const written = await this.#writeParts(subject, await first, parts)
      const head: Head = { version: headVersion, sequence, revision, ...written }
      const at = await this.#moveHead(head, before?.at ?? 0)
      if (at === undefined) {
        await this.#options.streams.purge(this.#stream, { filter: subject })
        return false
      }
      if (before !== undefined) await this.#deleteBefore(before, at)
      return true
    } finally {
      await parts.return(undefined)
    }
  }

  async #writeParts(
    subject: string,
    first: IteratorResult<Buffer, unknown>,
    rest: AsyncIterable<Buffer>,
  ): Promise<Pick<Head, 'parts' | 'firstPart'>> {
    const { jetstream } = this.#options
    if (first.done === true) return { parts: 0, firstPart: 0 }
    const { seq: firstPart } = await jetstream.publish(subject, first.value)
    let parts = 1
    for await (const part of rest) {
      await jetstream.publish(subject, part)
      parts++
    }
    return { parts, firstPart }
  }

  /** Answers the number of its message; undefined where another node was quicker. */
  async #moveHead(head: Head, lastSubjectSequence: number): Promise<number | undefined> {
    try {
      const expect = { lastSubjectSequence }
      const { seq } = await this.#options.jetstream.publish(this.#headSubject, JSON.stringify(head), { expect })
      return seq
    } catch (error) {
      if (wrongLastSequence.has(codeOf(error))) return undefined
      throw error
    }
  }

  async #deleteBefore(before: FoundHead, headAt: number): Promise<void> {
    const { streams, stateStream } = this.#options
    await streams.purge(this.#stream, { filter: this.#headSubject, seq: headAt })
    await streams.purge(this.#stream, { filter: this.#partsSubject(before.sequence) })
    await streams.purge(stateStream, { seq: before.sequence + 1 })
  }

  /** Answers false where they are gone: there is a newer one. */
  async #readParts({ sequence, parts, firstPart }: Head, reader: SnapshotReader): Promise<boolean> {
    const options = { ...this.#options.read, stream: this.#stream }
    let next = firstPart
    for (let read = 0; read < parts; ) {
      const messages = await readStored(options, next, this.#partsSubject(sequence))
      const [first] = messages
      if (first === undefined || (read === 0 && first.sequence !== firstPart)) return false
      for (const { data, sequence: at } of messages.slice(0, parts - read)) {
        if (!reader.push(data)) throw new HawserError('DATA_CORRUPT', 'the snapshot of the state is damaged')
        read++
        next = at + 1
      }
    }
    return true
  }

  async #head(): Promise<FoundHead | undefined> {
    const found = await this.#options.streams.last(this.#stream, this.#headSubject)
    if (found === undefined) return undefined
    const head: Head = JSON.parse(found.data.toString())
    if (head.version === headVersion) return { ...head, at: found.sequence }
    throw new HawserError('STATE_FAILED', `the snapshot of the state is of version ${head.version}, this one reads 1`, {
      mend: 'run the version that the other nodes run',
    })
  }

  get #headSubject(): string {
    return `${this.#options.prefix}.snapshots.head`
  }

  #partsSubject(sequence: number): string {
    return `${this.#options.prefix}.snapshots.parts.${sequence}`
  }
}
