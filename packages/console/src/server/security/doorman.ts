/**
 * Who may talk to the console. A page of a foreign site can make the browser of a local user send requests here, also
 * under a name of its own that resolves to this address (DNS rebinding). So the Host must be one that this server is
 * known by, and an Origin must be the same place as the Host. Changing anything needs the token besides.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { type ApiErrorCode, bearerProtocolPrefix } from '@hawser/admin'

export interface DoormanOptions {
  /** The address that the server is bound to. */
  readonly host: string
  /** Further names that the server is reached by, without a port. */
  readonly allowedHosts: readonly string[]
  readonly token: string
  /** Whether reading needs no token. */
  readonly openReading: boolean
}

export interface Refusal {
  readonly status: 401 | 403
  readonly code: ApiErrorCode
  readonly message: string
  readonly mend: string
}

export interface RequestHeaders {
  readonly host?: string | undefined
  readonly origin?: string | undefined
  readonly authorization?: string | undefined
  readonly 'sec-websocket-protocol'?: string | undefined
}

export class Doorman {
  readonly openReading: boolean
  readonly #boundToLoopback: boolean
  readonly #names: ReadonlySet<string>
  readonly #tokenDigest: Buffer

  constructor(options: DoormanOptions) {
    this.openReading = options.openReading
    this.#boundToLoopback = isLoopback(options.host)
    this.#names = new Set([options.host, ...options.allowedHosts].map((name) => name.toLowerCase()))
    this.#tokenDigest = digest(options.token)
  }

  /** Whether the request comes from where it may come from. */
  place(headers: RequestHeaders): Refusal | undefined {
    const host = parseUrl(`http://${headers.host ?? ''}`)
    if (host === undefined || !this.#knows(host.hostname)) {
      return {
        status: 403,
        code: 'FOREIGN_HOST',
        message: 'this server is not known by that Host',
        mend: 'use its address, or allow the name in the configuration',
      }
    }
    if (headers.origin === undefined) return undefined
    const origin = parseUrl(headers.origin)
    if (origin !== undefined && isHttp(origin) && sameHost(origin, headers.host ?? '')) return undefined
    return {
      status: 403,
      code: 'FOREIGN_ORIGIN',
      message: 'requests from pages of other sites are refused',
      mend: 'open the console at its own address',
    }
  }

  /** Whether the request bears the token; a WebSocket of a browser can bear it only as a subprotocol. */
  token(headers: RequestHeaders): Refusal | undefined {
    const [scheme = '', bearer = ''] = (headers.authorization ?? '').split(' ', 2)
    if (scheme.toLowerCase() === 'bearer' && this.#isToken(bearer)) return undefined
    const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    const given = protocols.find((name) => name.startsWith(bearerProtocolPrefix))
    if (given !== undefined && this.#isToken(given.slice(bearerProtocolPrefix.length))) return undefined
    return {
      status: 401,
      code: 'TOKEN_NEEDED',
      message: 'this needs the token',
      mend: 'send it as Authorization: Bearer TOKEN; it stands in the data folder',
    }
  }

  #knows(hostname: string): boolean {
    if (hostname === 'localhost' || this.#names.has(hostname)) return true
    const address = unbracketed(hostname)
    if (isLoopback(address)) return true
    // An address cannot be rebound; but a server bound to loopback is reached by no other one.
    return !this.#boundToLoopback && isIP(address) !== 0
  }

  #isToken(given: string): boolean {
    return timingSafeEqual(digest(given), this.#tokenDigest)
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Of equal length whatever was given, so that the comparison tells nothing by its time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const unbracketed = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')
const isHttp = (url: URL): boolean => url.protocol === 'http:' || url.protocol === 'https:'

/** Equal in name and port, where the port may be the scheme's own and unsaid. */
function sameHost(origin: URL, host: string): boolean {
  return parseUrl(`${origin.protocol}//${host}`)?.host === origin.host
}

function parseUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  return url === null || url.username !== '' || url.pathname !== '/' ? undefined : url
}
