/** Puts a server on its address: a TCP port, or a Unix socket that a dead process may have left behind. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import net from 'node:net'
import { HawserError } from '@hawser/std'
import type { ListenerAddress } from './listener-options.ts'

const backlog = 4_096
const socketModeDefault = 0o660
/** `sun_path` of Linux, without the closing zero. */
const socketPathBytesMax = 107

/** `localhost` is the loopback of both families: who resolves the name to either finds the broker. */
const loopbacks = ['127.0.0.1', '::1'] as const

export interface Bound {
  readonly servers: readonly net.Server[]
  /** 0 for a Unix socket. */
  readonly port: number
}

/** `shared`: other processes listen at the same port, and the kernel spreads connections over all of them. */
export async function bind(newServer: () => net.Server, address: ListenerAddress, shared = false): Promise<Bound> {
  if ('socketPath' in address) {
    const server = newServer()
    await bindSocket(server, address.socketPath, address.socketMode ?? socketModeDefault)
    return { servers: [server], port: 0 }
  }
  const { host, port } = address
  const [first, second] = host === 'localhost' ? loopbacks : [host, undefined]
  const server = newServer()
  await bindPort(server, first, port, shared)
  const bound = portOf(server) ?? port
  const servers = [server]
  if (second !== undefined) {
    const other = newServer()
    try {
      await bindPort(other, second, bound, shared)
      servers.push(other)
    } catch (error) {
      // A machine without IPv6 has one loopback.
      if (noSuchAddress.has((error as { cause?: NodeJS.ErrnoException }).cause?.code ?? ''))
        return { servers, port: bound }
      server.close()
      throw error
    }
  }
  return { servers, port: bound }
}

const noSuchAddress = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

function portOf(server: net.Server): number | undefined {
  const bound = server.address()
  return typeof bound === 'object' ? bound?.port : undefined
}

function bindPort(server: net.Server, host: string, port: number, shared: boolean): Promise<void> {
  if (shared && port === 0) throw new RangeError('a port that several processes share must be known')
  return listening(server, { host, port, backlog, reusePort: shared }, `${host}:${port}`, () => {
    return new HawserError('PORT_IN_USE', `port ${port} on ${host} is in use`, {
      mend: 'stop what listens there or choose another port',
    })
  })
}

async function bindSocket(server: net.Server, path: string, mode: number): Promise<void> {
  if (Buffer.byteLength(path) > socketPathBytesMax) {
    throw new HawserError('CONFIG_INVALID', `the path of the socket is longer than ${socketPathBytesMax} bytes`, {
      mend: 'choose a shorter one',
    })
  }
  if (await isLeftBehind(path)) unlinkSync(path)
  await listening(server, { path, backlog }, path, () => {
    return new HawserError('PORT_IN_USE', `${path} is in use`, {
      mend: 'stop what listens there or choose another path',
    })
  })
  chmodSync(path, mode)
}

/** A socket's file that nobody listens at. Anything else that lies there is left alone, and binding fails. */
function isLeftBehind(path: string): Promise<boolean> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return Promise.resolve(false)
  return new Promise((resolve) => {
    const probe = net.connect({ path })
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}

function listening(
  server: net.Server,
  options: net.ListenOptions,
  where: string,
  inUse: () => HawserError,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') return reject(inUse())
      if (cause.code === 'ENOTSUP') return reject(notShared(where, cause))
      reject(
        new HawserError('CONFIG_INVALID', `cannot listen on ${where}: ${cause.message}`, {
          cause,
          mend: 'choose another address or port',
        }),
      )
    })
    server.listen(options, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

/** Linux, FreeBSD 12 and a few others spread connections over who shares a port; macOS and Windows do not. */
const notShared = (where: string, cause: Error): HawserError =>
  new HawserError('CONFIG_INVALID', `this system cannot share ${where} between processes`, {
    mend: 'set workers to 1, or run hawser node several times, each at ports of its own',
    cause,
  })
