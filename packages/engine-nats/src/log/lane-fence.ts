/** Ends what a lane's last owner can store: behind the fence none of its messages has the predecessor that it names. */
import { type Clock, milliseconds, sleep } from '@hawser/std'
import type { JetStreamClient } from '@nats-io/jetstream'
import type { Streams } from '../stream/streams.ts'
import { type LaneExtent, laneExtent } from './lane-extent.ts'
import { encodeFence } from './log-message.ts'

export interface LaneFenceOptions {
  readonly jetstream: JetStreamClient
  readonly streams: Streams
  readonly clock: Clock
  readonly stream: string
  readonly subject: string
  /** Of the life that is to come, or of none. */
  readonly epoch: number
}

const retryMs = milliseconds(50)

/**
 * Answers what the stream holds, the fence included. Its owner may still be at work: the fence goes behind whatever that
 * has stored last. Rejects where the servers do not answer in time.
 */
export async function fenceLane({ jetstream, streams, clock, ...lane }: LaneFenceOptions): Promise<LaneExtent> {
  for (;;) {
    const extent = await laneExtent(streams, lane.stream)
    try {
      const expect = { lastSequence: extent.last }
      const { seq } = await jetstream.publish(lane.subject, encodeFence(lane.epoch, extent.end), { expect })
      return { ...extent, last: seq }
    } catch {
      // The owner was quicker, or nobody leads: `laneExtent` waits for an answer, and gives up in time.
      await sleep(clock, retryMs)
    }
  }
}
