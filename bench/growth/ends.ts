/** The start on a large log, and a graceful stop with many connections. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { appendPublish, neverExpires, packedSource } from '@hawser/engine'
import { openLocalEngine } from '@hawser/engine-local'
import { type SessionNumber, seededRandom, systemClock } from '@hawser/std'
import { connectPacket, packetType } from '@hawser/verify/load'
import { temporaryFolder } from '../brokers/running-broker.ts'
import { endedChildrenSeconds, processSeconds, residentBytes } from '../machine/processes.ts'
import { row, startGrown, table } from './broker.ts'

const bodyBytes = 400
/** A start replays what no checkpoint covers. */
const partBytes = 1_000_000_000
const atOnce = 64

export async function largeLog(bytes: number): Promise<void> {
  table(
    'log, GB',
    'ended before by',
    'start to the first CONNACK, ms',
    'processor time till then, ms',
    'resident then, MB',
  )
  using folder = temporaryFolder()
  await fill(folder.path, bytes)
  let before = 'SIGTERM'
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await using broker = await startGrown(folder.path, 'disk')
    const usedMs = Math.round(processSeconds(broker.pid) * 1_000)
    const megabytes = Math.round(residentBytes(broker.pid) / 1e6)
    row((bytes / 1e9).toFixed(1), before, Math.round(broker.startMs), usedMs, megabytes)
    await broker.end(signal)
    before = signal
  }
}

/** As publishes at QoS 1 that a broker took, with checkpoints behind them. */
async function fill(folder: string, bytes: number): Promise<void> {
  for (let written = 0; written < bytes; written += partBytes) {
    await append(join(folder, 'data'), Math.min(partBytes, bytes - written))
    await using broker = await startGrown(folder, 'disk')
    await broker.end('SIGTERM')
  }
}

async function append(folder: string, bytes: number): Promise<void> {
  const retention = { bytes: Number.MAX_SAFE_INTEGER, ms: 86_400_000 }
  await using engine = await openLocalEngine({ folder, clock: systemClock, random: seededRandom(1), retention })
  const { log } = engine
  const topics = Array.from({ length: 1_000 }, (_, index) => `site/${index % 50}/machine/${index}/state`)
  const sources = topics.map((topic) => packedSource(topic, Buffer.alloc(0), Buffer.alloc(bodyBytes, 'x')))
  const clientId = Buffer.from('filler')
  const { promise, resolve } = Promise.withResolvers<void>()
  let written = 0
  const more = (): void => {
    for (let count = 0; count < 5_000 && written < bytes; count++) {
      const source = sources[count % sources.length]
      if (source === undefined) return
      const now = systemClock.wallMicros()
      if (!appendPublish(log, 1, source, clientId, 0 as SessionNumber, 0, neverExpires, now)) return
      written += source.buffer.length
    }
    if (written >= bytes) resolve()
  }
  using _listening = log.onCommit(more)
  more()
  await promise
}

export async function gracefulStop(connectionsMax: number): Promise<void> {
  table(
    'connections',
    'sessions',
    'SIGTERM to the end of the process, ms',
    'processor time meanwhile, s',
    'told by DISCONNECT',
  )
  for (let connections = Math.min(1_000, connectionsMax); connections <= connectionsMax; connections *= 10) {
    for (const isPersistent of [false, true]) await stopWith(connections, isPersistent)
  }
}

async function stopWith(connections: number, isPersistent: boolean): Promise<void> {
  using folder = temporaryFolder()
  await using broker = await startGrown(folder.path, 'disk')
  let told = 0
  const sockets: Socket[] = []
  const work = async (): Promise<void> => {
    while (sockets.length < connections) {
      const socket = connect({ host: '127.0.0.1', port: broker.port })
      const clientId = `idle-${sockets.push(socket)}`
      socket.on('error', () => undefined)
      socket.write(connectPacket({ clientId, version: 5, isPersistent }))
      await once(socket, 'data')
      socket.on('data', ([first]) => {
        if (first === packetType.disconnect) told++
      })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const closed = Promise.all(sockets.map((socket) => once(socket, 'close')))
  const before = processSeconds(broker.pid) + endedChildrenSeconds()
  const started = performance.now()
  await broker.end('SIGTERM')
  const tookMs = performance.now() - started
  const used = endedChildrenSeconds() - before
  await closed
  row(connections, isPersistent ? 'durable' : 'clean', Math.round(tookMs), used.toFixed(2), told)
}
