/**
 * One signal for all the ways in which a process is told to end. A child of `hawser up` or of the launcher hangs on
 * its parent by an IPC channel: the kernel closes it even if the parent was killed with SIGKILL.
 */
import { closeSync, openSync } from 'node:fs'
import { disposable } from '@hawser/std'

export function shutdownSignal(): AbortSignal {
  const controller = new AbortController()
  const end = (): void => controller.abort()
  process.on('SIGTERM', end)
  process.on('SIGHUP', () => {
    // Whoever listens too reads its configuration again; a terminal that is gone ends it all the same.
    if (process.listenerCount('SIGHUP') === 1 || terminalIsGone()) end()
  })
  // A terminal sends Ctrl-C to children too; theirs is to end when the parent says so, in its order.
  process.on('SIGINT', () => {
    if (!process.connected) end()
  })
  if (process.connected) {
    process.on('disconnect', end)
    process.channel?.unref()
  }
  return controller.signal
}

export function onHangUp(listener: () => void): Disposable {
  process.on('SIGHUP', listener)
  return disposable(() => process.off('SIGHUP', listener))
}

function terminalIsGone(): boolean {
  if (!process.stdout.isTTY && !process.stderr.isTTY) return false
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return false
  } catch {
    return true
  }
}
