/** A shell that signals a process when this one is gone, however it ended: the kernel closes its pipe. */
import { spawn } from 'node:child_process'

export function guard(pid: number, signal: 'CONT' | 'KILL'): Disposable {
  // It reads a line where all went well, and the end of the pipe where we are gone.
  const script = `trap '' INT TERM HUP; read -r _ || kill -${signal} ${pid}`
  const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  shell.on('error', () => undefined)
  shell.stdin.on('error', () => undefined)
  return { [Symbol.dispose]: () => void shell.stdin.end('\n') }
}
