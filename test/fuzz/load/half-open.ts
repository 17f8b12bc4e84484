/** Connections that say nothing, or too little, until the broker ends them. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connectAll } from '@hawser/verify/load'
import { halfOpenKinds, opens } from '../../doors/half-said.ts'
import { bystanders } from './bystanders.ts'
import { orLater } from './client.ts'
import type { Load, Outcome, Target } from './load.ts'

/** The witness and the bystanders. */
const goodConnections = 1 + bystanders
const ports = { mqtt: 'mqtt', tls: 'mqtts', ws: 'ws' } as const
/** The broker's own limit is 10 s for CONNECT, and 5 s for the last bytes. */
const endedMs = 60_000

async function run(target: Target): Promise<Outcome> {
  const { count, clock } = target
  const sockets: Socket[] = []
  const startedMs = clock.monotonicMs()
  await connectAll(Array.from({ length: count }), async (_, index) => {
    const kind = halfOpenKinds[index % halfOpenKinds.length]
    if (kind === undefined) return
    const socket = connect(target.ports[ports[kind.listener]] ?? 0, '127.0.0.1')
    sockets.push(socket)
    await opens(socket, kind.says)
  })
  const openedMs = clock.monotonicMs()
  const openAtOnce = sockets.filter((socket) => !socket.closed).length
  const ended = Promise.all(sockets.map((socket) => (socket.closed ? undefined : once(socket, 'close'))))
  const inTime = await orLater(ended, clock, endedMs)
  const open = sockets.filter((socket) => !socket.closed).length
  return {
    figures: {
      'open at one time': openAtOnce,
      'opened in, s': (openedMs - startedMs) / 1_000,
      'until the last was ended, s': (clock.monotonicMs() - startedMs) / 1_000,
    },
    complaints: inTime ? [] : [`${open} were not ended within ${endedMs} ms`],
  }
}

export const halfOpen: Load = {
  says: 'half-open connections: silent, half a CONNECT, half a TLS handshake, half a request',
  share: 1,
  briefCount: 200,
  memory: { mebibytes: 250, kibibytesEach: 40 },
  run,
  judge: ({ connections }) => (connections <= goodConnections ? [] : [`${connections} connections were kept`]),
}
