/** A PostgreSQL that wants a password, by TLS alone: Hawser comes in, and nobody sees the password. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Snapshot } from '@hawser/admin'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { connectAsync } from 'mqtt'
import pg from 'pg'
import { runHawserProcess, startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { postgresSkipReason, startPostgres } from '../servers/postgres.ts'
import { makeAuthority } from '../support/certificates.ts'

/** With what would have another meaning in a URL. */
const secret = 'nobody/may:read@this%20?#'

const access = `
hostnossl all hawser 127.0.0.1/32 trust
hostssl all writer 127.0.0.1/32 scram-sha-256
`

const configuration = (url: string, further: string): string => `
scenarios: []
connectors:
  - kind: postgres
    name: plant
    url: ${url}
    filters: [plant/#]
    table: { name: plant, columns: [{ name: n, type: bigint, path: '' }] }
    ${further}
`

async function publish(port: string, count: number): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
  for (let number = 0; number < count; number++) await client.publishAsync('plant/a', `${number}`, { qos: 1 })
  await client.endAsync()
}

async function connectorWhen(url: string, wanted: (connector: Snapshot['connectors'][number]) => boolean) {
  for (;;) {
    const snapshot = (await (await fetch(`${url}/api/v1/snapshot`)).json()) as Snapshot
    const found = snapshot.connectors[0]
    if (found !== undefined && wanted(found)) return found
    await sleep(systemClock, milliseconds(50))
  }
}

describe('PostgreSQL by TLS and password', { skip: postgresSkipReason(), timeout: 120_000 }, () => {
  it('takes the password of a file or of the environment, which is shown nowhere, and trusts whom it is told to', async () => {
    await using folder = await temporaryFolder()
    const inFolder = (name: string): string => join(folder.path, name)
    const authority = await makeAuthority()
    const { certificate, key } = await authority.issue('CN=database', { hosts: ['127.0.0.1'] })
    await using server = await startPostgres({
      files: { 'pg_hba.conf': access, 'server.crt': certificate, 'server.key': key },
      settings: ['ssl=on'],
    })
    const superuser = new pg.Client({ connectionString: server.url })
    await superuser.connect()
    await superuser.query(`CREATE ROLE writer LOGIN PASSWORD '${secret}'`)
    await superuser.query('GRANT CREATE ON DATABASE postgres TO writer')
    await writeFile(inFolder('secret'), `${secret}\n`)
    await writeFile(inFolder('ca.pem'), authority.certificate)
    await writeFile(inFolder('stranger.pem'), (await makeAuthority('stranger')).certificate)

    let printed = ''
    const url = server.url.replace('hawser@', 'writer@')
    const run = async (further: string, work: (url: string, mqttPort: string) => Promise<void>): Promise<void> => {
      await writeFile(inFolder('hawser.yaml'), configuration(url, further))
      const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
      const argv = ['up', ...ports, '--config', inFolder('hawser.yaml'), '--data-dir', inFolder('data')]
      await using hawser = startHawser(argv, { DATABASE_PASSWORD: secret })
      const [, mqttPort = ''] = await hawser.prints(/npx hawser pub -p (\d+)/)
      const [page] = await hawser.prints(/http:\/\/[\d.]+:\d+/)
      await work(page, mqttPort)
      hawser.kill('SIGTERM')
      const { stdout, stderr } = await hawser.ended
      printed += stdout + stderr
    }

    await run('password: { file: secret }\n    tls: { ca_file: stranger.pem }', async (page) => {
      const { lastError } = await connectorWhen(page, (connector) => connector.lastError !== null)
      assert.match(lastError?.message ?? '', /certificate/)
    })
    await run('password: { file: secret }\n    tls: { ca_file: ca.pem }', async (page, mqttPort) => {
      await publish(mqttPort, 10)
      await connectorWhen(page, ({ written }) => written === 10)
    })
    await run('password: { env: DATABASE_PASSWORD }\n    tls: { ca_file: ca.pem }', async (page, mqttPort) => {
      await publish(mqttPort, 5)
      await connectorWhen(page, ({ written }) => written === 5)
      const where = ['--http-port', new URL(page).port, '--data-dir', inFolder('data')]
      printed += (await runHawserProcess(['connector', 'show', 'plant', '--json', ...where])).stdout
      printed += await (await fetch(`${page}/metrics`)).text()
      printed += await (await fetch(`${page}/api/v1/snapshot`)).text()
      printed += `${spawnSync('ps', ['axww', '-o', 'args']).stdout}`
    })
    const { rows } = await superuser.query('SELECT count(*)::int AS count FROM hawser.plant')
    await superuser.end()
    assert.deepEqual(rows, [{ count: 15 }])
    assert.match(printed, /hawser_connector_/)
    for (const shown of [secret, encodeURIComponent(secret)]) assert.ok(!printed.includes(shown))
  })
})
