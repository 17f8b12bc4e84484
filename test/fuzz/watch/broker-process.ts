/**
 * The broker under attack, with every door, and bounds low enough to be reached. `--planted NAME` breaks it on purpose:
 * the alarms must ring.
 */
import { createBroker, type TapMessage } from '@hawser/embed'
import { keepProcessAlive, systemClock } from '@hawser/std'
import { makeAuthority } from '../../support/certificates.ts'
import { beat, tell } from './pulse.ts'

keepProcessAlive()
process.on('disconnect', () => process.exit(0))

const host = '127.0.0.1'
const { certificate, key } = await (await makeAuthority()).issue('CN=hawser', { hosts: [host] })
const broker = await createBroker({
  listeners: [
    { name: 'mqtt', protocol: 'mqtt', host, port: 0 },
    { name: 'ws', protocol: 'ws', host, port: 0 },
    { name: 'proxied', protocol: 'mqtt', host, port: 0, proxyProtocol: { trusted: ['127.0.0.0/8'] } },
    { name: 'mqtts', protocol: 'mqtts', host, port: 0, tls: { certificate, key } },
  ],
  limits: {
    connectMsMax: 3_000,
    sessionExpirySecondsMax: 3,
    legacySessionExpirySeconds: 3,
    retainedMessagesMax: 10_000,
    retainedBytesMax: 16 * 1_048_576,
    routesMax: 20_000,
    outputBytesMax: 4 * 1_048_576,
  },
  onFault: (message, error) => tell({ kind: 'fault', message: `${message}: ${String(error)}` }),
})

const nothing = (): void => undefined
const hoard: Buffer[] = []
let seen = 0

/** What each planted fault does with the publishes that it sees. */
const planted: Readonly<Record<string, (message: TapMessage) => void>> = {
  none: nothing,
  crash: () => {
    if (++seen > 200) process.kill(process.pid, 'SIGKILL')
  },
  stall: () => {
    if (++seen !== 200) return
    const until = systemClock.monotonicMs() + 1_500
    while (systemClock.monotonicMs() < until) nothing()
  },
  leak: () => {
    hoard.push(Buffer.alloc(200_000, 1))
  },
  disturb: () => {
    if (++seen % 500 === 0) broker.kick('witness')
  },
  fault: () => {
    if (++seen === 200) tell({ kind: 'fault', message: 'planted' })
  },
}
const harm = planted[process.argv[2] ?? 'none'] ?? nothing
if (harm !== nothing) broker.tap({ filter: '#', message: (_, message) => harm(message) })

beat(systemClock, () => {
  const { counters, connections } = broker.stats()
  return { packetsReceived: counters.packetsReceived, connections }
})
tell({ kind: 'ready', ports: Object.fromEntries(broker.listeners.map(({ name, port }) => [name, port])) })
