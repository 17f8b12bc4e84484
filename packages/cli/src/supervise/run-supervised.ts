/** The life of a supervisor: all parts are started, kept running until the signal, and stopped. */
import { aborted } from '@hawser/std'
import type { CommandIo } from '../command.ts'
import type { Supervisor } from './supervisor.ts'

export interface SupervisedRun {
  readonly signal: AbortSignal
  readonly onHangUp: CommandIo['onHangUp']
  /** The first parts are ready. */
  started(): void
  stopping?(): void
}

/** Answers whether every part ended by itself. Rejects with the error of a first part that cannot start. */
export async function runSupervised(supervisor: Supervisor, run: SupervisedRun): Promise<boolean> {
  const { signal, onHangUp, started, stopping } = run
  try {
    await supervisor.start(signal)
    if (!signal.aborted) {
      started()
      using _hangUp = onHangUp(() => supervisor.reload())
      await aborted(signal)
    }
  } catch (error) {
    await supervisor.stop()
    throw error
  }
  stopping?.()
  return supervisor.stop()
}
