import { spawn } from 'node:child_process'

/** A shell that thaws it when this process is gone, however that ended. */
export function thawedWithUs(pid: number): AsyncDisposable {
  const guard = spawn('sh', ['-c', `trap '' INT TERM HUP; read -r _; kill -CONT ${pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.on('error', () => undefined)
  guard.stdin.on('error', () => undefined)
  return {
    async [Symbol.asyncDispose]() {
      guard.stdin.end('\n')
    },
  }
}
