/** Questions to the other processes over the bus: each peer that is asked answers, or leaves, or the time is over. */
import type { Clock, Milliseconds } from '@hawser/std'
import type { Bus, PeerId } from './bus.ts'

/** Of the frames below; who speaks another one is not answered. */
const questionsVersion = 1

/** `body` is valid only during the call. Who has no answer throws or rejects: the asker goes on without it. */
export type Answerer = (from: PeerId, body: Buffer) => Uint8Array | Promise<Uint8Array>
export type Answers = ReadonlyMap<PeerId, Buffer>

/** Who can be asked, and how it is sent a frame. */
export interface Asking {
  readonly bus: Bus
  readonly clock: Clock
  /** Of the bus: each use has one of its own. */
  readonly channel: string
  /** Past it nobody waits any more. */
  readonly answerMsMax: Milliseconds
  /** By default all on the bus. */
  readonly present?: () => Iterable<PeerId>
  readonly onLeft?: (listener: (peer: PeerId) => void) => Disposable
  /** By default as the bus does; false where the peer gets nothing. */
  readonly send?: (peer: PeerId, channel: string, bytes: Uint8Array) => boolean
}

export interface AskOptions {
  /** By default all that are present. */
  readonly peers?: Iterable<PeerId>
  readonly answerMsMax?: Milliseconds
}

/**
 *    0  u8  version
 *    1  u8  kind
 *    2  u32 number of the question at its asker (little endian)
 *    6  u8  bytes of the name, of a question
 *    7  name, body
 */
const kinds = { question: 0, answer: 1, noAnswer: 2 } as const
const headBytes = 7

interface Asked {
  readonly waitsFor: Set<PeerId>
  readonly answers: Map<PeerId, Buffer>
  settle(): void
}

export class Questions implements Disposable {
  readonly #asking: Required<Asking>
  readonly #answerers = new Map<string, Answerer>()
  readonly #asked = new Map<number, Asked>()
  readonly #resources = new DisposableStack()
  #number = 0

  constructor(asking: Asking) {
    const { bus } = asking
    this.#asking = {
      present: () => bus.peers(),
      onLeft: (listener) => bus.onPeers(({ kind, peer }) => kind === 'left' && listener(peer)),
      send: (peer, channel, bytes) => bus.send(peer, channel, bytes),
      ...asking,
    }
    this.#resources.use(bus.subscribe(asking.channel, (from, bytes) => this.#received(from, bytes)))
    this.#resources.use(
      this.#asking.onLeft((peer) => {
        for (const asked of [...this.#asked.values()]) if (asked.waitsFor.delete(peer)) asked.settle()
      }),
    )
  }

  /** Who answers questions of this name, here. */
  answer(name: string, answerer: Answerer): void {
    this.#answerers.set(name, answerer)
  }

  /** Resolves with what was answered: without those that left, had no answer, took too long or could not be sent it. */
  ask(name: string, body: Uint8Array, options: AskOptions = {}): Promise<Answers> {
    const number = this.#nextNumber()
    const { clock, channel, present, send } = this.#asking
    const question = frame(kinds.question, number, name, body)
    const here = new Set(present())
    return new Promise((resolve) => {
      const timer = clock.after(options.answerMsMax ?? this.#asking.answerMsMax, () => {
        asked.waitsFor.clear()
        asked.settle()
      })
      const asked: Asked = {
        waitsFor: new Set(options.peers ?? here),
        answers: new Map(),
        settle: () => {
          if (asked.waitsFor.size > 0) return
          timer[Symbol.dispose]()
          this.#asked.delete(number)
          resolve(asked.answers)
        },
      }
      this.#asked.set(number, asked)
      for (const peer of asked.waitsFor) {
        const isSent = here.has(peer) && send(peer, channel, question)
        if (!isSent) asked.waitsFor.delete(peer)
      }
      asked.settle()
    })
  }

  /** Nobody waits any more. */
  [Symbol.dispose](): void {
    this.#resources.dispose()
    for (const asked of [...this.#asked.values()]) {
      asked.waitsFor.clear()
      asked.settle()
    }
  }

  #nextNumber(): number {
    this.#number = (this.#number + 1) >>> 0
    return this.#number
  }

  #received(from: PeerId, bytes: Buffer): void {
    if (bytes[0] !== questionsVersion) return
    const number = bytes.readUInt32LE(2)
    const bodyAt = headBytes + (bytes[6] ?? 0)
    if (bytes[1] === kinds.question) {
      return this.#asks(from, number, bytes.toString('utf8', headBytes, bodyAt), bytes.subarray(bodyAt))
    }
    const asked = this.#asked.get(number)
    if (asked === undefined || !asked.waitsFor.delete(from)) return
    if (bytes[1] === kinds.answer) asked.answers.set(from, Buffer.from(bytes.subarray(bodyAt)))
    asked.settle()
  }

  #asks(from: PeerId, number: number, name: string, body: Buffer): void {
    const { channel, send } = this.#asking
    const answer = (bytes: Uint8Array): void => {
      send(from, channel, frame(kinds.answer, number, '', bytes))
    }
    const noAnswer = (): void => {
      send(from, channel, frame(kinds.noAnswer, number, '', new Uint8Array()))
    }
    try {
      const answered = this.#answerers.get(name)?.(from, body)
      if (answered === undefined) noAnswer()
      else if (answered instanceof Promise) answered.then(answer, noAnswer)
      else answer(answered)
    } catch {
      noAnswer()
    }
  }
}

function frame(kind: number, number: number, name: string, body: Uint8Array): Buffer {
  const nameBytes = Buffer.byteLength(name)
  const bytes = Buffer.allocUnsafe(headBytes + nameBytes + body.length)
  bytes[0] = questionsVersion
  bytes[1] = kind
  bytes.writeUInt32LE(number, 2)
  bytes[6] = nameBytes
  bytes.write(name, headBytes)
  bytes.set(body, headBytes + nameBytes)
  return bytes
}
