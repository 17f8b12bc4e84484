/** The flags of `hawser bench`: how to reach the broker as `pub` and `sub` say it, and how much load. */
import { payloadBytesMin } from '@hawser/verify/bench'
import { connectionFlags } from '../pubsub/flags/connection-flags.ts'
import { type Flag, integerWithin } from '../pubsub/flags/flag.ts'
import { tlsFlags } from '../pubsub/flags/tls-flags.ts'
import { readAddress } from '../pubsub/flags/url.ts'
import { ArgumentRefusal } from '../pubsub/refusal.ts'
import type { BenchSettings } from './settings.ts'

const sharedFlags = new Set(['-h', '-p', '-u', '-P', '-V', '-q', '-M', '-c'])
/** These need functions, which cannot be handed to other processes. */
const unavailableTlsFlags = new Set(['--psk', '--psk-identity', '--keyform', '--tls-engine', '--tls-engine-kpass-sha1'])

type NumberKey = 'publishers' | 'subscribers' | 'connections' | 'processes' | 'payloadBytes' | 'rate'

const amount = (
  key: NumberKey | 'seconds' | 'warmUpSeconds',
  long: `--${string}`,
  min: number,
  max: number,
  help: string,
): Flag<BenchSettings> => ({
  long,
  value: 'N',
  help,
  set: (settings, text = '') => {
    if (!/^\d+$/.test(text)) throw new ArgumentRefusal(`${long} ${text} is not a whole number`)
    settings[key] = integerWithin(text, min, max, (value) => `${long} takes ${min} to ${max}, not ${value}`)
  },
})

/** The number of a publisher has 16 bits in the payload. */
const publishersMax = 65_535
const clientsMax = 1_000_000
const payloadBytesMax = 1_048_576

export const benchFlags: readonly Flag<BenchSettings>[] = [
  {
    short: '-L',
    long: '--url',
    value: 'URL',
    help: 'broker: mqtt(s)://[username[:password]@]host[:port]',
    set: (settings, url = '') => {
      readAddress(settings, url)
    },
  },
  ...connectionFlags.filter(({ short = '' }) => sharedFlags.has(short)),
  ...tlsFlags.filter(({ long = '' }) => !unavailableTlsFlags.has(long)),
  amount('publishers', '--publishers', 1, publishersMax, 'clients that publish (50; fan-out: 1)'),
  amount('subscribers', '--subscribers', 1, clientsMax, 'clients that subscribe (fan-in 1, fan-out 100, shared 10)'),
  amount('connections', '--connections', 1, clientsMax, 'clients of connections and subscribe (1000)'),
  amount('payloadBytes', '--payload-bytes', payloadBytesMin, payloadBytesMax, 'size of a payload (64)'),
  amount('rate', '--rate', 0, 100_000_000, 'messages a second of all publishers (0: as fast as it goes)'),
  amount('seconds', '--seconds', 1, 86_400, 'how long is measured (10)'),
  amount('warmUpSeconds', '--warm-up', 0, 3600, 'seconds before, which are checked but not measured (1)'),
  amount('processes', '--processes', 1, 64, 'processes that share the load (as many as cores, up to 4)'),
  {
    long: '--json',
    help: 'print JSON',
    set: (settings) => {
      settings.json = true
    },
  },
]
