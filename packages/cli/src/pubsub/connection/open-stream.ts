/** From the flags to a byte stream to the broker, authenticated where TLS is asked for. */
import { lookup, resolveSrv } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, isIP, type NetConnectOpts, type Socket } from 'node:net'
import { hostname } from 'node:os'
import type { ConnectionOptions } from 'node:tls'
import type { ConnectionSettings } from '../settings.ts'
import { socksHandshake } from './socks5.ts'
import { connectRefusal } from './system-error.ts'
import { brokerPort, encrypted } from './tls.ts'

/** Throws `RunRefusal`, or the signal's reason. */
export async function openStream(
  settings: ConnectionSettings,
  tls: ConnectionOptions | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  try {
    const socket = await openSocket(settings, signal)
    if (tls === undefined) return socket
    const servername = isIP(settings.host) === 0 ? settings.host : ''
    return await encrypted(socket, { ...tls, servername }, signal)
  } catch (error) {
    if (signal.aborted) throw error
    throw connectRefusal(error)
  }
}

async function openSocket(settings: ConnectionSettings, signal: AbortSignal): Promise<Socket> {
  const { unixPath, proxy, noDelay } = settings
  if (unixPath !== undefined) return connected({ path: unixPath }, signal)
  const bind = settings.bindAddress === undefined ? {} : { localAddress: await addressOf(settings.bindAddress) }
  const { host, port } = await target(settings)
  if (proxy === undefined) return connected({ host, port, noDelay, ...bind }, signal)
  const socket = await connected({ host: proxy.host, port: proxy.port, noDelay, ...bind }, signal)
  await socksHandshake(socket, proxy, host, port)
  return socket
}

async function connected(options: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  const socket = connect(options)
  try {
    await once(socket, 'connect', { signal })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

const addressOf = async (name: string): Promise<string> => (isIP(name) === 0 ? (await lookup(name)).address : name)

async function target(settings: ConnectionSettings): Promise<{ host: string; port: number }> {
  const { host, useSrv } = settings
  if (!useSrv) return { host, port: brokerPort(settings) }
  const domain = host === 'localhost' ? hostname().replace(/^[^.]*\.?/, '') : host
  const records = await resolveSrv(`_mqtt._tcp.${domain}`)
  const [best] = records.sort((a, b) => a.priority - b.priority || b.weight - a.weight)
  return best === undefined ? { host, port: brokerPort(settings) } : { host: best.name, port: best.port }
}
