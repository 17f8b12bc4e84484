/** Looks at every port before anything starts, so that all conflicts are shown at once. */
import { createServer } from 'node:net'
import { HawserError } from '@hawser/std'

export interface PortWish {
  readonly what: string
  /** The flag that moves it, without hyphens. */
  readonly flag: string
  readonly host: string
  readonly port: number
}

/** Throws `PORT_IN_USE` with `command` and the flags that would work. */
export async function checkPorts(wishes: readonly PortWish[], command: string): Promise<void> {
  const taken: PortWish[] = []
  const seen = new Set<number>()
  for (const wish of wishes) {
    const twice = wish.port !== 0 && seen.has(wish.port)
    seen.add(wish.port)
    if (twice || !(await isFree(wish.host, wish.port))) taken.push(wish)
  }
  if (taken.length === 0) return
  const flags: string[] = []
  for (const { flag, host, port } of taken) {
    const free = await freePortNear(host, port, seen)
    seen.add(free)
    flags.push(`--${flag} ${free}`)
  }
  const names = taken.map(({ what, port }) => `${port} (${what})`).join(', ')
  throw new HawserError('PORT_IN_USE', `${taken.length === 1 ? 'port' : 'ports'} ${names} taken by another program`, {
    mend: `try: ${command} ${flags.join(' ')}`,
  })
}

async function freePortNear(host: string, port: number, taken: ReadonlySet<number>): Promise<number> {
  for (let candidate = (port % 10_000) + 10_000; candidate < 65_536; candidate += 10_000) {
    if (!taken.has(candidate) && (await isFree(host, candidate))) return candidate
  }
  return 0
}

/** Answers no where it is taken; throws where the address itself cannot be had. */
function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(false)
      else reject(unusable(host, port, cause))
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function unusable(host: string, port: number, cause: NodeJS.ErrnoException): HawserError {
  const mend =
    cause.code === 'EACCES' ? 'choose a port above 1023' : 'give an address of this machine, such as 127.0.0.1'
  return new HawserError('CONFIG_INVALID', `cannot listen on ${host}:${port} (${cause.code})`, { mend, cause })
}
