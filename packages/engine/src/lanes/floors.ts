/**
 * What no reader of any process needs any more. Each member says it for all lanes; the owner of a lane trims below the
 * least of them. One that has not spoken yet, and an orphan that nobody has taken over, hold everything.
 */
import type { Bus, PeerId } from '../bus.ts'
import { type Cursor, type Partition, type Position, position } from '../log.ts'

const channel = 'hawser-floors'
const entryBytes = 10

export interface FloorsOptions {
  readonly own: Partition
  readonly bus: Bus
  /** Nothing is trimmed while it is so. */
  readonly isHeld: () => boolean
  /** How far another's partition was handed over here. */
  readonly endOf: (partition: Partition) => number | undefined
  /** What lies below in the own partition is needed by no process. */
  readonly trim: (floor: Position) => void
}

export class Floors implements Disposable {
  readonly #options: FloorsOptions
  readonly #stack = new DisposableStack()
  /** Of our lane, by who has said so. */
  readonly #ofOthers = new Map<PeerId, number>()
  #own: number | undefined

  constructor(options: FloorsOptions) {
    this.#options = options
    const { own, bus } = options
    this.#stack.use(
      bus.subscribe(channel, (from, bytes) => {
        const floor = floorOf(bytes, own)
        if (floor === undefined) this.#ofOthers.delete(from)
        else this.#ofOthers.set(from, floor)
        this.trim()
      }),
    )
    this.#stack.use(
      bus.onPeers(({ peer }) => {
        this.#ofOthers.delete(peer)
        this.trim()
      }),
    )
  }

  /** What it said counts no more: it has taken over sessions since, whose cursors are older. */
  forget(who: PeerId): void {
    if (who === this.#options.bus.self) this.#own = undefined
    this.#ofOthers.delete(who)
  }

  /** What no reader of this process needs any more. */
  speak(floor: Cursor): void {
    const { own, bus, endOf } = this.#options
    this.#own = floor.get(own)
    bus.broadcast(channel, encodeFloors(floor, endOf))
    this.trim()
  }

  trim(): void {
    const { trim, bus, isHeld } = this.#options
    if (isHeld()) return
    const floors = [this.#own, ...bus.peers().map((peer) => this.#ofOthers.get(peer))]
    const spoken = floors.filter((floor) => floor !== undefined)
    if (spoken.length === floors.length) trim(position(Math.min(...spoken)))
  }

  [Symbol.dispose](): void {
    this.#stack.dispose()
  }
}

/** Entries of u16 lane and f64 position, little endian. What was not handed over here yet is still needed. */
function encodeFloors(floor: Cursor, endOf: FloorsOptions['endOf']): Buffer {
  const bytes = Buffer.alloc(floor.size * entryBytes)
  let at = 0
  for (const [lane, needed] of floor) {
    bytes.writeUInt16LE(lane, at)
    bytes.writeDoubleLE(Math.min(needed, endOf(lane) ?? needed), at + 2)
    at += entryBytes
  }
  return bytes
}

function floorOf(bytes: Buffer, lane: Partition): number | undefined {
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    if (bytes.readUInt16LE(at) === lane) return bytes.readDoubleLE(at + 2)
  }
  return undefined
}
