/** The doors of a configured broker, tried by programs of others: Mosquitto's clients over TLS, HAProxy, nginx. */
import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import mqtt from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { type Certified, makeAuthority } from '../support/certificates.ts'
import { missing, type Running, start } from '../support/programs.ts'

const noMosquitto = missing('mosquitto_pub', 'apt-get install mosquitto-clients')
const noHaproxy = missing('haproxy', 'apt-get install haproxy')
const noNginx = missing('nginx', 'apt-get install nginx-light libnginx-mod-stream')

interface Doors {
  readonly folder: string
  readonly tls: number
  readonly proxied: number
  readonly proxiedTls: number
}

describe('doors', () => {
  let doors: Doors
  let pump: Certified
  let revoked: Certified
  const resources = new AsyncDisposableStack()

  before(async () => {
    const { path: folder } = resources.use(await temporaryFolder())
    // The proxies give up their rights and read what lies here.
    await chmod(folder, 0o755)
    const authority = await makeAuthority()
    const server = await authority.issue('CN=broker', { hosts: ['127.0.0.1'] })
    pump = await authority.issue('CN=pump')
    revoked = await authority.issue('CN=revoked')
    const files: Readonly<Record<string, string>> = {
      'ca.pem': authority.certificate,
      'crl.pem': await authority.revoke(revoked),
      'server.pem': server.certificate,
      'server.key': server.key,
      'pump.pem': pump.certificate,
      'pump.key': pump.key,
      'revoked.pem': revoked.certificate,
      'revoked.key': revoked.key,
      'hawser.yaml': `listeners:
  mqtt: { enabled: false }
  ws: { enabled: false }
  tls:
    protocol: mqtts
    port: 0
    tls:
      certificate_file: server.pem
      key_file: server.key
      ca_file: ca.pem
      crl_file: crl.pem
      client_certificate: require
  proxied: { protocol: mqtt, port: 0, proxy_protocol: { trusted: [127.0.0.1] } }
  proxied-tls:
    protocol: mqtts
    port: 0
    tls: { certificate_file: server.pem, key_file: server.key }
    proxy_protocol: { trusted: [127.0.0.1] }
`,
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    const args = ['--config', join(folder, 'hawser.yaml'), '--data-dir', join(folder, 'data'), '--durability', 'memory']
    const hawser = resources.use(startHawser(['broker', ...args]))
    const port = String.raw`:\/\/[^:]+:(\d+)`
    const [, tls, proxied, proxiedTls] = await hawser.prints(
      new RegExp(`ready: mqtts${port} mqtt${port} mqtts${port} durability`),
    )
    doors = { folder, tls: Number(tls), proxied: Number(proxied), proxiedTls: Number(proxiedTls) }
  })
  after(() => resources.disposeAsync())

  describe('Mosquitto over TLS', { skip: noMosquitto }, () => {
    const trust = (): string[] => ['-p', `${doors.tls}`, '-h', '127.0.0.1', '--cafile', join(doors.folder, 'ca.pem')]
    const as = (name: string): string[] => [
      ...['--cert', join(doors.folder, `${name}.pem`)],
      ...['--key', join(doors.folder, `${name}.key`)],
    ]

    for (const version of ['tlsv1.2', 'tlsv1.3']) {
      it(`${version}: a message goes through`, async () => {
        const common = [...trust(), ...as('pump'), '--tls-version', version, '-t', `secret/${version}`]
        const subscriber = start('stdbuf', ['-oL', 'mosquitto_sub', ...common, '-C', '1', '-W', '20', '-d'])
        await subscriber.printed('Subscribed')
        const { code, stderr } = await start('mosquitto_pub', [...common, '-m', 'hello', '-q', '1']).finished
        assert.equal(code, 0, stderr)
        assert.match((await subscriber.finished).stdout, /^hello$/m)
      })
    }

    it('turns away who has no certificate, and who is revoked', async () => {
      for (const identity of [[], as('revoked')]) {
        const { code } = await start('mosquitto_pub', [...trust(), ...identity, '-t', 'a', '-m', 'b', '-q', '1'])
          .finished
        assert.notEqual(code, 0)
      }
    })
  })

  it('HAProxy: clients come through, and its health checks find the broker well', { skip: noHaproxy }, async () => {
    const [plain, secure, stats] = [await freePort(), await freePort(), await freePort()]
    const configuration = join(doors.folder, 'haproxy.cfg')
    // CONNECT of a client `hc`, the CONNACK of its acceptance, DISCONNECT.
    await writeFile(
      configuration,
      `defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend stats
  mode http
  bind 127.0.0.1:${stats}
  stats enable
  stats uri /
frontend plain
  bind 127.0.0.1:${plain}
  default_backend plain
backend plain
  option tcp-check
  tcp-check connect send-proxy
  tcp-check send-binary 100e00044d5154540402000000026863
  tcp-check expect binary 20020000
  tcp-check send-binary e000
  server one 127.0.0.1:${doors.proxied} send-proxy-v2 check inter 200ms
frontend secure
  bind 127.0.0.1:${secure}
  default_backend secure
backend secure
  server one 127.0.0.1:${doors.proxiedTls} send-proxy-v2 check check-send-proxy inter 200ms
`,
    )
    await using _proxy = running('haproxy', ['-db', '-f', configuration])
    await goesThrough(`mqtt://127.0.0.1:${plain}`)
    await goesThrough(`mqtts://127.0.0.1:${secure}`)
    // CONNECT was answered (layer 7), and to a TLS listener a connection opened (layer 4).
    for (const found of [/^plain,one,.*,L7OK,/m, /^secure,one,.*,L4OK,/m]) {
      let table = ''
      while (!found.test(table)) {
        table = await (await fetch(`http://127.0.0.1:${stats}/;csv`)).text()
        assert.doesNotMatch(table, /^(plain|secure),one,.*DOWN/m)
      }
    }
  })

  it('nginx: clients come through', { skip: noNginx }, async () => {
    const port = await freePort()
    const configuration = join(doors.folder, 'nginx.conf')
    await mkdir(join(doors.folder, 'logs'), { recursive: true })
    await writeFile(
      configuration,
      `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
pid ${doors.folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 64; }
stream { server { listen 127.0.0.1:${port}; proxy_pass 127.0.0.1:${doors.proxied}; proxy_protocol on; } }
`,
    )
    await using _proxy = running('nginx', ['-p', doors.folder, '-e', 'stderr', '-c', configuration])
    await goesThrough(`mqtt://127.0.0.1:${port}`)
  })
})

/** A message to oneself, as soon as the proxy listens and has found the broker well. */
async function goesThrough(url: string): Promise<void> {
  const options = { reconnectPeriod: 100, rejectUnauthorized: false, clientId: 'behind' }
  const client = mqtt.connect(url, options)
  client.on('error', () => undefined)
  await new Promise((resolve) => client.once('connect', resolve))
  await client.subscribeAsync('through', { qos: 1 })
  const arrived = new Promise<string>((resolve) => client.once('message', (_topic, payload) => resolve(`${payload}`)))
  await client.publishAsync('through', url, { qos: 1 })
  assert.equal(await arrived, url)
  await client.endAsync(true)
}

function running(program: string, args: readonly string[]): Running & AsyncDisposable {
  const process = start(program, args)
  return {
    ...process,
    async [Symbol.asyncDispose]() {
      process.kill('SIGTERM')
      await process.finished
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
