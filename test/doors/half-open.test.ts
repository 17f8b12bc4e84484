/**
 * Ten thousand connections that say nothing, or too little, too slowly: by TCP, in TLS handshakes, in HTTP upgrades. They
 * end when their time is up, and a client of good will does not notice them. The figures are printed.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { it } from 'node:test'
import { systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { makeAuthority } from '../support/certificates.ts'
import { halfOpenKinds, opens } from './half-said.ts'

const eachKind = 2_500
const atOnce = 250
const connectMsMax = 15_000
/** Of the whole broker beside what it takes at rest: 20 KiB for each connection. */
const grownBytesMax = 200 * 2 ** 20

const skip = process.platform === 'linux' ? false : 'memory is read from /proc'

it('ten thousand half-open connections cost nothing that matters', { skip }, async (test) => {
  await using folder = await temporaryFolder()
  const server = await (await makeAuthority()).issue('CN=broker', { hosts: ['127.0.0.1'] })
  const configuration = join(folder.path, 'hawser.yaml')
  await writeFile(join(folder.path, 'server.pem'), server.certificate)
  await writeFile(join(folder.path, 'server.key'), server.key)
  await writeFile(
    configuration,
    `limits: { connect_ms_max: ${connectMsMax} }
listeners:
  mqtt: { port: 0 }
  ws: { port: 0 }
  tls: { protocol: mqtts, port: 0, tls: { certificate_file: server.pem, key_file: server.key } }
`,
  )
  const args = ['--config', configuration, '--data-dir', join(folder.path, 'data'), '--durability', 'memory']
  await using hawser = startHawser(['broker', ...args])
  const port = String.raw`:\/\/[^:]+:(\d+)`
  const [, ...ports] = await hawser.prints(new RegExp(`ready: mqtt${port} ws${port} mqtts${port} durability`))
  const portOf = { mqtt: Number(ports[0]), ws: Number(ports[1]), tls: Number(ports[2]) }
  const good = await mqtt.connectAsync(`mqtt://127.0.0.1:${portOf.mqtt}`, { reconnectPeriod: 0 })
  const restBytes = residentBytes(hawser.pid)
  const pace = startPace(good)

  const sockets: Socket[] = []
  for (const { listener, says } of halfOpenKinds) {
    for (let opened = 0; opened < eachKind; opened += atOnce) {
      const some = Array.from({ length: atOnce }, () => connect(portOf[listener], '127.0.0.1'))
      sockets.push(...some)
      await Promise.all(some.map((socket) => opens(socket, says)))
    }
  }
  const grownBytes = residentBytes(hawser.pid) - restBytes
  const openAtPeak = sockets.filter((socket) => !socket.closed).length
  await Promise.all(sockets.map((socket) => (socket.closed ? undefined : once(socket, 'close'))))
  const latencies = await pace.stop()

  const [median = 0, worst = 0] = [latencies[latencies.length >> 1], latencies.at(-1)]
  test.diagnostic(`${openAtPeak} open at one time, the broker grew by ${Math.round(grownBytes / 2 ** 20)} MiB`)
  test.diagnostic(`${latencies.length} round trips of a good client: median ${median} ms, worst ${worst} ms`)
  assert.ok(grownBytes < grownBytesMax, `the broker grew by ${grownBytes} bytes`)
  assert.ok(latencies.length > 0 && good.connected, 'the good client was served all the while')
  await good.endAsync()
})

interface Pace {
  /** Milliseconds of each round trip, sorted. */
  stop(): Promise<number[]>
}

/** One publish at QoS 1 after the other, each answered. */
function startPace(client: mqtt.MqttClient): Pace {
  const latencies: number[] = []
  let stopped = false
  const run = async (): Promise<void> => {
    while (!stopped) {
      const startedMs = systemClock.monotonicMs()
      await client.publishAsync('pace', 'here', { qos: 1 })
      latencies.push(Math.round(systemClock.monotonicMs() - startedMs))
    }
  }
  const running = run()
  return {
    async stop() {
      stopped = true
      await running
      return latencies.toSorted((a, b) => a - b)
    },
  }
}

function residentBytes(pid: number): number {
  const [, kibibytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}
