/** Whose PROXY header is believed. */
import { BlockList, isIP, type Socket } from 'node:net'
import { HawserError } from '@hawser/std'
import { type ProxyRead, proxyHeaderBytesMax, readProxyHeader } from './proxy-header.ts'

export class ProxySources {
  readonly #blocks = new BlockList()

  constructor(listener: string, trusted: readonly string[]) {
    for (const source of trusted) {
      const [address = '', bits, ...more] = source.split('/')
      const version = isIP(address)
      const bitsMax = version === 6 ? 128 : 32
      const prefix = bits === undefined ? bitsMax : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
      if (version === 0 || more.length > 0 || prefix < 0 || prefix > bitsMax) {
        throw new HawserError('CONFIG_INVALID', `listener ${listener}: ${source} is no address of a proxy`, {
          mend: 'write it as 10.0.0.5 or 10.0.0.0/8',
        })
      }
      this.#blocks.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4')
    }
  }

  /** Who reaches a Unix socket was let there by the rights of its file. */
  trusts({ remoteAddress }: Socket): boolean {
    if (remoteAddress === undefined) return true
    return this.#blocks.check(remoteAddress, isIP(remoteAddress) === 6 ? 'ipv6' : 'ipv4')
  }
}

/** What came of it, and what the client itself has sent so far. */
export type ProxyOutcome = Exclude<ProxyRead, { kind: 'unfinished' }>

/** Reads the header of a connection that nobody has read from, and leaves the socket paused behind it. */
export function takeProxyHeader(socket: Socket, done: (outcome: ProxyOutcome, rest: Buffer) => void): void {
  let come: Buffer = Buffer.alloc(0)
  const onData = (bytes: Buffer): void => {
    come = come.length === 0 ? bytes : Buffer.concat([come, bytes])
    const read = readProxyHeader(come)
    if (read.kind === 'unfinished' && come.length <= proxyHeaderBytesMax) return
    socket.off('data', onData)
    socket.pause()
    if (read.kind === 'unfinished') done({ kind: 'fault', why: 'no end' }, come)
    else done(read, read.kind === 'header' ? come.subarray(read.bytes) : come)
  }
  socket.on('data', onData)
  socket.resume()
}
