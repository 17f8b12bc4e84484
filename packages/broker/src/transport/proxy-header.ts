/**
 * The PROXY protocol, versions 1 and 2: what a proxy says of the client behind it, in front of the client's own bytes.
 * Pure: bytes in, header or fault out.
 */
import { isIP } from 'node:net'

export type ProxyHeader =
  | { readonly kind: 'proxied'; readonly remoteAddress: string }
  /** The connection is what it looks like: the proxy's own health check, or a client that it knows nothing of. */
  | { readonly kind: 'local' }

export type ProxyRead =
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'header'; readonly header: ProxyHeader; readonly bytes: number }
  /** The connection does not begin with a header. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'fault'; readonly why: string }

/** What a proxy may say, TLVs and all; HAProxy's own stay below 600 bytes. */
export const proxyHeaderBytesMax = 4_096

const textStart = Buffer.from('PROXY ', 'latin1')
const textBytesMax = 107
const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a])
const fixedBytes = 16
const unfinished: ProxyRead = { kind: 'unfinished' }
const absent: ProxyRead = { kind: 'absent' }
const local: ProxyHeader = { kind: 'local' }

/** Reads the header at the start of all bytes that have come so far. */
export function readProxyHeader(bytes: Buffer): ProxyRead {
  if (beginsLike(bytes, signature)) return bytes.length < fixedBytes ? unfinished : readBinary(bytes)
  if (beginsLike(bytes, textStart)) return readText(bytes)
  return absent
}

/** As far as there are bytes, they are those of `expected`. */
function beginsLike(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length)
  return bytes.compare(expected, 0, length, 0, length) === 0
}

function readText(bytes: Buffer): ProxyRead {
  const end = bytes.subarray(0, textBytesMax).indexOf('\r\n', 0, 'latin1')
  if (end < 0) return bytes.length < textBytesMax ? unfinished : fault('a text header without an end')
  const header = textHeader(bytes.toString('latin1', 0, end))
  return header === undefined ? fault('a text header that names no addresses') : found(header, end + 2)
}

function textHeader(line: string): ProxyHeader | undefined {
  const [, family = '', source = '', destination = '', ...ports] = line.split(' ')
  if (family === 'UNKNOWN') return local
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : 0
  if (version === 0 || isIP(source) !== version || isIP(destination) !== version) return undefined
  if (ports.length !== 2 || !ports.every(isPort)) return undefined
  return { kind: 'proxied', remoteAddress: `${source}:${ports[0]}` }
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65_535

function readBinary(bytes: Buffer): ProxyRead {
  const versionAndCommand = bytes.readUInt8(12)
  const end = fixedBytes + bytes.readUInt16BE(14)
  if (versionAndCommand >> 4 !== 2) return fault(`version ${versionAndCommand >> 4}`)
  if (end > proxyHeaderBytesMax) return fault(`a header of ${end} bytes`)
  if (bytes.length < end) return unfinished
  switch (versionAndCommand & 0x0f) {
    case 0:
      return found(local, end)
    case 1:
      return binaryAddress(bytes.readUInt8(13), bytes.subarray(fixedBytes, end), end)
    default:
      return fault(`command ${versionAndCommand & 0x0f}`)
  }
}

const families = {
  unspecified: 0x00,
  tcp4: 0x11,
  tcp6: 0x21,
  unixStream: 0x31,
} as const

/** The addresses come first; what follows them are TLVs, which are passed over. */
function binaryAddress(family: number, bytes: Buffer, end: number): ProxyRead {
  switch (family) {
    case families.unspecified:
      return found(local, end)
    case families.tcp4:
      if (bytes.length < 12) return fault('an address cut short')
      return found(
        { kind: 'proxied', remoteAddress: `${bytes.subarray(0, 4).join('.')}:${bytes.readUInt16BE(8)}` },
        end,
      )
    case families.tcp6:
      if (bytes.length < 36) return fault('an address cut short')
      return found({ kind: 'proxied', remoteAddress: `${ipv6(bytes)}:${bytes.readUInt16BE(32)}` }, end)
    case families.unixStream:
      if (bytes.length < 216) return fault('an address cut short')
      return found({ kind: 'proxied', remoteAddress: 'unix' }, end)
    default:
      return fault(`address family 0x${family.toString(16)}`)
  }
}

/** Written as everybody writes it: the longest run of zeros left out. */
function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

const found = (header: ProxyHeader, bytes: number): ProxyRead => ({ kind: 'header', header, bytes })
const fault = (why: string): ProxyRead => ({ kind: 'fault', why })
