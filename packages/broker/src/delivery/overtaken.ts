import { HawserError } from '@hawser/std'

/** The log went on without its reader: it begins again where the log begins now, which is counted as `behind-log`. */
export const isOvertaken = (error: unknown): boolean => error instanceof HawserError && error.code === 'POSITION_GONE'
