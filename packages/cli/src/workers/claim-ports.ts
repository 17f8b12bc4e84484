/**
 * Ports that several processes are to share, looked at before any of them starts: none of them would be refused a port
 * that another Hawser shares already, and none may be given one of its own for 0.
 */
import { type AddressInfo, createServer, type Server } from 'node:net'
import { HawserError } from '@hawser/std'

export interface PortWish {
  readonly host: string
  readonly port: number
}

/** Answers the ports, with one of the system's choice in the place of each 0. Throws `PORT_IN_USE`. */
export async function claimPorts(wishes: readonly PortWish[]): Promise<readonly number[]> {
  // All are held until the last is known, so that two wishes that meet are found too.
  const held: Server[] = []
  try {
    const ports: number[] = []
    for (const wish of wishes) ports.push(await claim(wish, held))
    return ports
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

async function claim({ host, port }: PortWish, held: Server[]): Promise<number> {
  if (host !== 'localhost') return hold(host, port, held)
  const claimed = await hold('127.0.0.1', port, held)
  try {
    return await hold('::1', claimed, held)
  } catch (error) {
    // A machine without IPv6 has one loopback.
    if (error instanceof HawserError && error.code === 'CONFIG_INVALID') return claimed
    throw error
  }
}

function hold(host: string, port: number, held: Server[]): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(refusal(host, port, cause)))
    server.listen({ host, port, exclusive: true }, () => {
      held.push(server)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function refusal(host: string, port: number, cause: NodeJS.ErrnoException): HawserError {
  return cause.code === 'EADDRINUSE'
    ? new HawserError('PORT_IN_USE', `port ${port} on ${host} is in use`, {
        mend: 'stop what listens there or choose another port',
      })
    : new HawserError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${cause.message}`, {
        mend: 'choose another address or port',
        cause,
      })
}
