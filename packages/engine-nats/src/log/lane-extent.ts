/** What a lane's stream holds, as its leader says. */
import { HawserError } from '@hawser/std'
import type { StreamExtent, Streams } from '../stream/streams.ts'
import { endOf, readMessageHead } from './log-message.ts'

export interface LaneExtent extends StreamExtent {
  /** The oldest position that it holds. */
  readonly start: number
  /** One past the newest. */
  readonly end: number
}

export async function laneExtent(streams: Streams, stream: string): Promise<LaneExtent> {
  for (;;) {
    const extent = await streams.extent(stream)
    if (extent.last === 0) return { ...extent, start: 0, end: 0 }
    const [oldest, newest] = await Promise.all([streams.at(stream, extent.first), streams.at(stream, extent.last)])
    if (newest === undefined) {
      throw new HawserError(
        'DATA_CORRUPT',
        `the stream ${stream} lacks its newest message, of which number positions go on`,
      )
    }
    // Deleted meanwhile: there is another oldest one.
    if (oldest === undefined) continue
    return { ...extent, start: readMessageHead(oldest.data).first, end: endOf(readMessageHead(newest.data)) }
  }
}
