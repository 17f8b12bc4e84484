/**
 * The broker under attack, with every door, and bounds low enough to be reached. `--planted NAME` breaks it on purpose:
 * the alarms must ring.
 */
import { createBroker } from '@hawser/embed'
import { keepProcessAlive, systemClock } from '@hawser/std'
import { makeAuthority } from '../../support/certificates.ts'
import { figuresOf } from './figures.ts'
import { plant } from './plant.ts'
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

plant(broker, process.argv[2] ?? 'none')
beat(systemClock, () => figuresOf(broker.stats()))
tell({ kind: 'ready', ports: Object.fromEntries(broker.listeners.map(({ name, port }) => [name, port])) })
