/** Asks edge nodes to be born again: the command, and how often it is sent. Chapter 6.4.29 of the specification. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { Clock } from '@hawser/std'
import type { NodeName } from './edge-nodes.ts'
import { dataTypes } from './payload/types.ts'

const rebirthName = 'Node Control/Rebirth'

export function rebirthCommand(epochMs: number): Buffer {
  const metric = new BinaryWriter()
  metric.tag(1, WireType.LengthDelimited).string(rebirthName)
  metric.tag(3, WireType.Varint).uint64(epochMs)
  metric.tag(4, WireType.Varint).uint32(dataTypes.Boolean)
  metric.tag(14, WireType.Varint).bool(true)
  const payload = new BinaryWriter()
  payload.tag(1, WireType.Varint).uint64(epochMs)
  payload.tag(2, WireType.LengthDelimited).bytes(metric.finish())
  return Buffer.from(payload.finish())
}

/** So many are asked in a second: a whole plant that is born at once is a load of its own. */
const perTurnMax = 20
const turnMs = 1_000

/** A node that does not answer is asked again after a while, and not before. */
export class RebirthPace {
  readonly #clock: Clock
  readonly #againMs: number
  readonly #askedAt = new Map<string, number>()
  #turnAt = Number.NEGATIVE_INFINITY
  #inTurn = 0

  constructor(clock: Clock, againMs: number) {
    this.#clock = clock
    this.#againMs = againMs
  }

  due(needing: Iterable<NodeName>): readonly NodeName[] {
    const now = this.#clock.monotonicMs()
    for (const [key, at] of this.#askedAt) if (now - at >= this.#againMs) this.#askedAt.delete(key)
    if (now - this.#turnAt >= turnMs) [this.#turnAt, this.#inTurn] = [now, 0]
    const due: NodeName[] = []
    for (const name of needing) {
      const key = `${name.group}/${name.node}`
      if (this.#askedAt.has(key)) continue
      if (this.#inTurn === perTurnMax) break
      this.#inTurn++
      this.#askedAt.set(key, now)
      due.push(name)
    }
    return due
  }
}
