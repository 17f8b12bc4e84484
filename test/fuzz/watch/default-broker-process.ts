/** A broker as it comes, with its log on disk, under a load: arguments are its data folder and a fault to plant. */
import { createBroker } from '@hawser/embed'
import { keepProcessAlive, systemClock } from '@hawser/std'
import { makeAuthority } from '../../support/certificates.ts'
import { figuresOf } from './figures.ts'
import { plant } from './plant.ts'
import { beat, tell } from './pulse.ts'

keepProcessAlive()
process.on('disconnect', () => process.exit(0))

const host = '127.0.0.1'
const [, , dataDir = '', planted = 'none'] = process.argv
const { certificate, key } = await (await makeAuthority()).issue('CN=hawser', { hosts: [host] })
const broker = await createBroker({
  dataDir,
  listeners: [
    { name: 'mqtt', protocol: 'mqtt', host, port: 0 },
    { name: 'ws', protocol: 'ws', host, port: 0 },
    { name: 'mqtts', protocol: 'mqtts', host, port: 0, tls: { certificate, key } },
  ],
  onFault: (message, error) => tell({ kind: 'fault', message: `${message}: ${String(error)}` }),
})
plant(broker, planted)
beat(systemClock, () => figuresOf(broker.stats()))
tell({ kind: 'ready', ports: Object.fromEntries(broker.listeners.map(({ name, port }) => [name, port])) })
