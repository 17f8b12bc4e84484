/** The child's side: a module of its own calls `runChild`, is given its task, and ends with its parent. */

import type { Part } from '@hawser/admin'
import { milliseconds, systemClock } from '@hawser/std'
import { exitCode } from '../command.ts'
import { Logger } from '../logging/logger.ts'
import { shutdownSignal } from '../shutdown-signal.ts'
import { type FromChild, reportOf, type ToChild } from './messages.ts'

/** A little more than what the supervisor grants, for a child whose supervisor is gone. */
const endMsMax = milliseconds(5_000)

export interface ChildContext {
  readonly logger: Logger
  /** Aborts when the supervisor says so, and when it is gone. */
  readonly signal: AbortSignal
  /** What was asked of it is there: the supervisor may go on. */
  ready(): void
  onParts(listener: (parts: readonly Part[]) => void): void
  onReload(listener: () => void): void
  stopAll(): void
}

/** `run` resolves once it has ended cleanly: by itself, or after the signal. */
export function runChild<Task>(run: (task: Task, context: ChildContext) => Promise<void>): void {
  const signal = shutdownSignal()
  signal.addEventListener('abort', () => systemClock.after(endMsMax, () => process.exit(exitCode.failure)), {
    once: true,
  })
  let showParts: (parts: readonly Part[]) => void = () => {}
  let reload: () => void = () => {}
  const contextOf = (name: string): ChildContext => ({
    logger: new Logger(name, systemClock, (entry) => tell({ kind: 'log', entry })),
    signal,
    ready: () => tell({ kind: 'ready' }),
    onParts: (listener) => {
      showParts = listener
    },
    onReload: (listener) => {
      reload = listener
    },
    stopAll: () => tell({ kind: 'stop-all' }),
  })
  // The task comes over the channel: wait for it.
  process.channel?.ref()
  process.on('message', (message: ToChild) => {
    switch (message.kind) {
      case 'start':
        void end(run(message.task as Task, contextOf(message.name)))
        return
      case 'ask':
        tell({ kind: 'alive' })
        return
      case 'parts':
        showParts(message.parts)
        return
      case 'reload':
        reload()
        return
      default:
        throw message satisfies never
    }
  })
}

async function end(running: Promise<void>): Promise<void> {
  try {
    await running
    process.exit(exitCode.success)
  } catch (error) {
    tell({ kind: 'failed', failure: reportOf(error) }, () => process.exit(exitCode.failure))
  }
}

function tell(message: FromChild, told: () => void = () => {}): void {
  // A supervisor that is gone has closed the channel: the signal says so, and there is nobody to tell.
  if (process.connected) process.send?.(message, undefined, undefined, told)
  else told()
}
