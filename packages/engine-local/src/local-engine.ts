/** Log and state of one data folder, under its lock: what a process that owns the folder opens. */
import type { MessageLog, StateStore } from '@hawser/engine'
import type { Clock, Random } from '@hawser/std'
import { lockDataDirectory } from './lock/data-directory.ts'
import { openLocalLog } from './log/local-log.ts'
import type { RecoveryNote } from './log/recovery.ts'
import type { RetentionLimits } from './log/retention.ts'
import { openLocalState } from './state/local-state.ts'

export interface LocalEngineOptions {
  readonly folder: string
  readonly clock: Clock
  readonly random: Random
  readonly retention?: RetentionLimits
  readonly onFault?: (error: Error) => void
  /** What a start after a crash found and mended. */
  readonly onRecovery?: (note: RecoveryNote) => void
}

export interface LocalEngine extends AsyncDisposable {
  readonly log: MessageLog
  readonly state: StateStore
  /** Of the log's files. */
  readonly path: string
}

export async function openLocalEngine(options: LocalEngineOptions): Promise<LocalEngine> {
  const { folder, clock, random, retention, onFault, onRecovery } = options
  await using stack = new AsyncDisposableStack()
  stack.use(await lockDataDirectory(folder))
  const state = stack.use(await openLocalState({ folder, clock }))
  const path = `${folder}/log`
  const log = stack.use(
    await openLocalLog({ folder: path, clock, random, ...(retention && { retention }), ...(onFault && { onFault }) }),
  )
  for (const note of log.recovery) onRecovery?.(note)
  const owned = stack.move()
  return { log, state, path, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
