/**
 * One signal for all the ways in which a process is told to end. A child of `hawser up` or of the launcher hangs on
 * its parent by an IPC channel: the kernel closes it even if the parent was killed with SIGKILL.
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController()
  const end = (): void => controller.abort()
  process.on('SIGTERM', end)
  process.on('SIGHUP', end)
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

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
