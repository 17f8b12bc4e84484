/** Looks at every port before anything starts, so that all conflicts are shown at once. */
import { type AddressInfo, createServer } from 'node:net'
import { HawserError } from '@hawser/std'

export interface PortWish {
  readonly what: string
  /** The flag that moves it, without hyphens. */
  readonly flag: string
  readonly host: string
  readonly port: number
}

/**
 * Answers the ports, with one of the system's choice in the place of each 0. Throws `PORT_IN_USE` with `command` and
 * the flags that would work.
 */
export async function checkPorts<const Wishes extends readonly PortWish[]>(
  wishes: Wishes,
  command: string,
): Promise<{ [Index in keyof Wishes]: number }> {
  const taken: PortWish[] = []
  const ports: number[] = []
  for (const wish of wishes) {
    const port = ports.includes(wish.port) ? undefined : await freePort(wish.host, wish.port)
    if (port === undefined) taken.push(wish)
    ports.push(port ?? wish.port)
  }
  if (taken.length > 0) throw await inUse(taken, new Set(ports), command)
  return ports as { [Index in keyof Wishes]: number }
}

async function inUse(taken: readonly PortWish[], ports: Set<number>, command: string): Promise<HawserError> {
  const flags: string[] = []
  for (const { flag, host, port } of taken) {
    const free = await freePortNear(host, port, ports)
    ports.add(free)
    flags.push(`--${flag} ${free}`)
  }
  const names = taken.map(({ what, port }) => `${port} (${what})`).join(', ')
  return new HawserError('PORT_IN_USE', `${taken.length === 1 ? 'port' : 'ports'} ${names} taken by another program`, {
    mend: `try: ${command} ${flags.join(' ')}`,
  })
}

async function freePortNear(host: string, port: number, taken: ReadonlySet<number>): Promise<number> {
  for (let candidate = (port % 10_000) + 10_000; candidate < 65_536; candidate += 10_000) {
    if (!taken.has(candidate) && (await freePort(host, candidate)) !== undefined) return candidate
  }
  return 0
}

/** The port itself, or one of the system's choice for 0; undefined where it is taken. */
async function freePort(host: string, port: number): Promise<number | undefined> {
  if (host !== 'localhost') return freeAt(host, port)
  const free = await freeAt('127.0.0.1', port)
  return free === undefined ? undefined : freeAt('::1', free)
}

function freeAt(host: string, port: number): Promise<number | undefined> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(undefined)
      // A machine without IPv6 has one loopback.
      else if (host === '::1' && (cause.code === 'EADDRNOTAVAIL' || cause.code === 'EAFNOSUPPORT')) resolve(port)
      else reject(unusable(host, port, cause))
    })
    server.listen({ host, port, exclusive: true }, () => {
      const { port: listening } = server.address() as AddressInfo
      server.close(() => resolve(listening))
    })
  })
}

function unusable(host: string, port: number, cause: NodeJS.ErrnoException): HawserError {
  const mend =
    cause.code === 'EACCES' ? 'choose a port above 1023' : 'give an address of this machine, such as 127.0.0.1'
  return new HawserError('CONFIG_INVALID', `cannot listen on ${host}:${port} (${cause.code})`, { mend, cause })
}
