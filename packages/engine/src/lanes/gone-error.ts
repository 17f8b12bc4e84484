import { HawserError } from '@hawser/std'
import type { Partition } from '../log.ts'

export const goneError = (partition: Partition, position: number, start: number | undefined): HawserError =>
  new HawserError('POSITION_GONE', `position ${position} of partition ${partition} is gone; the oldest is ${start}`)
