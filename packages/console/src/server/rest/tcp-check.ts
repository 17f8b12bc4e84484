/** Opens a TCP connection to each listener, as a client would, and says how long it took. */
import { connect, type IpcNetConnectOpts, type TcpNetConnectOpts } from 'node:net'
import type { Listener, TcpCheck } from '@hawser/admin'
import type { Clock, Milliseconds } from '@hawser/std'
import { milliseconds } from '@hawser/std'

const connectMsMax = milliseconds(2_000)

export async function tcpCheck(listeners: readonly Listener[], clock: Clock): Promise<TcpCheck> {
  const checked = await Promise.all(
    listeners.map(async ({ name, kind, host, port, socketPath }) => {
      const result = await opens(socketPath === null ? { host: reachable(host), port } : { path: socketPath }, clock)
      const listener = { name, kind, host, port, socketPath }
      return typeof result === 'number'
        ? { ...listener, ok: true, latencyMs: result, error: null }
        : { ...listener, ok: false, latencyMs: null, error: result.message }
    }),
  )
  return { ok: checked.length > 0 && checked.every(({ ok }) => ok), listeners: checked }
}

/** "Any address" is bound to, never connected to. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

/** Resolves with the milliseconds that it took, or with why it did not open. */
function opens(where: TcpNetConnectOpts | IpcNetConnectOpts, clock: Clock): Promise<Milliseconds | Error> {
  const startedMs = clock.monotonicMs()
  return new Promise((resolve) => {
    const socket = connect(where)
    const timer = clock.after(connectMsMax, () => end(new Error(`no answer within ${connectMsMax} ms`)))
    const end = (result: Milliseconds | Error): void => {
      timer[Symbol.dispose]()
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end(milliseconds(clock.monotonicMs() - startedMs)))
    socket.once('error', end)
  })
}
