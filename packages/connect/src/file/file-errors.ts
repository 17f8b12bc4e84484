import { HawserError } from '@hawser/std'

/** The disk is the sink here: a full one gets room again, a folder that is away may come back. */
export async function asSinkError<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HawserError || !(error instanceof Error) || !('syscall' in error || 'errcode' in error))
      throw error
    const full = 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
    throw new HawserError(full ? 'DISK_FULL' : 'SINK_UNAVAILABLE', error.message, { retryable: true, cause: error })
  }
}
