/** A Mosquitto of the tests' own: one listener for each way in, all on private ports. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from '@hawser/std/testing'
import { missing, type Running, start } from '../support/programs.ts'

const howToGet = 'apt-get install mosquitto mosquitto-clients openssl'

/** Why the comparison is skipped here; false where all programs are there. */
export const skipReason = ['mosquitto', 'mosquitto_sub', 'mosquitto_pub', 'openssl'].reduce<string | false>(
  (reason, program) => reason || missing(program, howToGet),
  false,
)

const programSecondsMax = 60
/** For one that does not end when it is told to. */
const killAfterSeconds = 5

/** Nothing outlives a test that fails, or a run that is killed. */
export const startBounded = (program: string, args: readonly string[], input?: string): Running =>
  start('timeout', ['-k', `${killAfterSeconds}`, `${programSecondsMax}`, program, ...args], input)

export const pskIdentity = 'device-7'
export const psk = '00ff10ab'

/** What stands in the tables of cases for what only a run knows. */
export type Places = Readonly<Record<'PORT' | 'CLOSED' | 'TLS' | 'PSK' | 'UNIX' | 'CA' | 'FOLDER', string>>

export interface Broker extends AsyncDisposable {
  readonly places: Places
  /** Resolves once the broker has acknowledged a subscription of this client. */
  subscribed(clientId: string): Promise<void>
}

export async function startBroker(): Promise<Broker> {
  const folder = await temporaryFolder()
  const file = (name: string): string => join(folder.path, name)
  const [plain, closed, tls, pskPort] = await freePorts(4)
  makeCertificates(folder.path)
  await writeFile(file('psk'), `${pskIdentity}:${psk}\n`)
  const local = (port: number | undefined): string => `listener ${port} 127.0.0.1`
  const configuration = [
    'per_listener_settings true',
    'user root',
    'persistence false',
    // Nothing is dropped for a watcher of all traffic.
    'max_queued_messages 0',
    'max_inflight_messages 0',
    ...[local(plain), 'allow_anonymous true'],
    ...[local(closed), 'allow_anonymous false'],
    ...[local(tls), 'allow_anonymous true', `certfile ${file('server.crt')}`, `keyfile ${file('server.key')}`],
    ...[
      local(pskPort),
      'allow_anonymous true',
      `psk_file ${file('psk')}`,
      'psk_hint test',
      'use_identity_as_username false',
    ],
    ...[`listener 0 ${file('socket')}`, 'allow_anonymous true'],
  ]
  await writeFile(file('mosquitto.conf'), `${configuration.join('\n')}\n`)
  const program = existsSync('/usr/sbin/mosquitto') ? '/usr/sbin/mosquitto' : 'mosquitto'
  const running = startBounded(program, ['-v', '-c', file('mosquitto.conf')])
  await running.printed(' running')
  return {
    places: {
      PORT: `${plain}`,
      CLOSED: `${closed}`,
      TLS: `${tls}`,
      PSK: `${pskPort}`,
      UNIX: file('socket'),
      CA: file('ca.crt'),
      FOLDER: folder.path,
    },
    subscribed: (clientId) => running.printed(`Sending SUBACK to ${clientId}\n`),
    async [Symbol.asyncDispose]() {
      running.kill('SIGTERM')
      await running.finished
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening')
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('the system gave no port')
      return address.port
    }),
  )
  for (const server of servers) server.close()
  return ports
}

/** A CA, and a server's certificate for `localhost` only, so that a connection by address has a wrong name. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test-ca')
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  openssl(
    'req',
    '-x509',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    ...key,
    ...names,
    '-keyout',
    'server.key',
    '-out',
    'server.crt',
  )
}
