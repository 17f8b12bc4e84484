import { HawserError } from '@hawser/std'

/** Whether a row could not be read because it is not what was written. The others can. */
export const isDamage = (error: unknown): boolean => error instanceof HawserError && error.code === 'DATA_CORRUPT'
