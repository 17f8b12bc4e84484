/**
 * Where the packets of a run start, for routes with shared subscriptions: their members are given whole packets. One
 * for all connections, because a run begins and ends within one read.
 */
import type { PublishFrame } from '@hawser/codec'

const packetsMax = 1_024

export class RunPackets {
  readonly starts = new Int32Array(packetsMax)
  readonly payloadBytes = new Int32Array(packetsMax)
  count = 0

  begin(frame: PublishFrame): void {
    this.count = 0
    this.add(frame)
  }

  /** Answers false where the run has to end before this packet. */
  add(frame: PublishFrame): boolean {
    if (this.count === packetsMax) return false
    this.starts[this.count] = frame.start
    this.payloadBytes[this.count] = frame.payloadEnd - frame.payloadStart
    this.count++
    return true
  }
}
