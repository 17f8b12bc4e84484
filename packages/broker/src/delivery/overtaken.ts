import { type MessageLog, type Partition, type Position, volatilePartition } from '@hawser/engine'
import { HawserError } from '@hawser/std'

/** The log went on without its reader: it begins again where the log begins now, which is counted as `behind-log`. */
export const isOvertaken = (error: unknown): boolean => error instanceof HawserError && error.code === 'POSITION_GONE'

/** What a partition in memory held in an earlier life of the process ended with it, as was said: that is no loss. */
export function isOfThisLife({ volatile }: MessageLog, partition: Partition, from: Position): boolean {
  return from > 0 && (partition !== volatilePartition || from >= (volatile?.birth ?? Number.POSITIVE_INFINITY))
}
