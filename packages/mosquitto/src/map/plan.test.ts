import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { readMosquittoConf } from '../conf/read.ts'
import type { Interfaces } from './listeners.ts'
import { type MosquittoPlan, planOf } from './plan.ts'

const interfaces: Interfaces = {
  lo: [
    { address: '127.0.0.1', family: 'IPv4' },
    { address: '::1', family: 'IPv6' },
  ],
  eth0: [
    { address: '192.0.2.7', family: 'IPv4' },
    { address: 'fe80::7', family: 'IPv6' },
  ],
}

async function plan(text: string, at: Interfaces = interfaces): Promise<MosquittoPlan> {
  await using folder = await temporaryFolder()
  const file = `${folder.path}/mosquitto.conf`
  await writeFile(file, text)
  return planOf(await readMosquittoConf(file), {
    resolve: (path) => `/cwd/${path}`.replace('/cwd//', '/'),
    interfaces: at,
  })
}

type Named = Readonly<Record<string, Readonly<Record<string, unknown>>>>

async function listeners(text: string, at?: Interfaces): Promise<Named> {
  const { mqtt, ws, ...others } = (await plan(text, at)).configuration['listeners'] as Named
  assert.deepEqual([mqtt, ws], [{ enabled: false }, { enabled: false }], 'ours that Mosquitto does not open')
  return others
}

const access = async (text: string): Promise<Named> =>
  ((await plan(text)).configuration['mosquitto_access'] as { listeners: Named }).listeners

const hosts = (named: Named): unknown[] =>
  Object.values(named).map(({ host, port, socket }) => socket ?? `${host} ${port}`)

describe('listeners of Mosquitto', () => {
  it('are on this machine alone where none is given, for everybody', async () => {
    assert.deepEqual(hosts(await listeners('')), ['127.0.0.1 1883', '::1 1883'])
    const { lo: _, ...others } = interfaces
    assert.deepEqual(hosts(await listeners('', others)), ['127.0.0.1 1883'])
    assert.deepEqual(Object.values(await access('')), [{ allow_anonymous: true }, { allow_anonymous: true }])
  })

  it('shut out who says no name where one is given', async () => {
    assert.deepEqual(await access('listener 1883\n'), { 'listener-1883': { allow_anonymous: false } })
  })

  it('are at all addresses, at one, at those of an interface, or of one kind', async () => {
    assert.deepEqual(hosts(await listeners('listener 1883\n')), [':: 1883'])
    const onlyFour = { eth0: [{ address: '192.0.2.7', family: 'IPv4' }] } as const
    assert.deepEqual(hosts(await listeners('listener 1883\n', onlyFour)), ['0.0.0.0 1883'])
    assert.deepEqual(hosts(await listeners('listener 1883 localhost # here\n')), ['localhost 1883'])
    assert.deepEqual(hosts(await listeners('port 1884\nbind_address ::1\n')), ['::1 1884'])
    assert.deepEqual(hosts(await listeners('listener 1883\nsocket_domain ipv4\n')), ['0.0.0.0 1883'])
    assert.deepEqual(hosts(await listeners('listener 1883\nsocket_domain ipv6\n')), ['::1 1883', 'fe80::7%eth0 1883'])
    assert.deepEqual(hosts(await listeners('listener 1883 0.0.0.0\nbind_interface eth0\n')), [
      '192.0.2.7 1883',
      'fe80::7%eth0 1883',
    ])
    assert.deepEqual(hosts(await listeners('listener 0 run/broker.sock\n')), ['/cwd/run/broker.sock'])
    await assert.rejects(listeners('listener 1883\nbind_interface eth9\n'), /the interface eth9 has no address/)
  })

  it('keep their rules', async () => {
    const named = await listeners(
      `listener 8883 127.0.0.1
certfile a.pem
keyfile a.key
cafile ca.pem
crlfile crl.pem
require_certificate true
use_subject_as_username true
ciphers ECDHE
ciphers_tls1.3 TLS_AES
tls_version tlsv1.3
protocol websockets
websockets_origin https://a.example
websockets_origin https://b.example
max_connections 7
max_qos 1
accept_protocol_versions 4, 5
max_topic_alias 3
mount_point site/
`,
    )
    assert.deepEqual(named, {
      'listener-8883': {
        protocol: 'wss',
        websocket: { origins: ['https://a.example', 'https://b.example'] },
        tls: {
          certificate_file: '/cwd/a.pem',
          key_file: '/cwd/a.key',
          ca_file: '/cwd/ca.pem',
          crl_file: '/cwd/crl.pem',
          client_certificate: 'require',
          min_version: 'TLSv1.3',
          ciphers: 'TLS_AES:ECDHE',
        },
        host: '127.0.0.1',
        port: 8883,
        allow_anonymous: false,
        mount_point: 'site/',
        connections_max: 7,
        topic_alias_maximum: 3,
        mqtt: { accept_versions: [4, 5], qos_max: 1, assigned_client_id_prefix: 'auto-' },
      },
    })
  })

  it('have the options of users and rights of the broker, or each its own', async () => {
    const together = 'password_file pw\nacl_file acl\nlistener 1883\nlistener 1884\nlistener_allow_anonymous true\n'
    assert.deepEqual(await access(together), {
      'listener-1883': { allow_anonymous: false, password_file: '/cwd/pw', acl_file: '/cwd/acl' },
      'listener-1884': { allow_anonymous: true, password_file: '/cwd/pw', acl_file: '/cwd/acl' },
    })
    const apart = `per_listener_settings true
listener 1883
password_file pw
allow_zero_length_clientid false
auto_id_prefix x-
listener 1884
allow_anonymous true
`
    assert.deepEqual(await access(apart), {
      'listener-1883': { allow_anonymous: false, password_file: '/cwd/pw' },
      'listener-1884': { allow_anonymous: true },
    })
    const [first, second] = Object.values(await listeners(apart))
    assert.deepEqual(first?.['mqtt'], { empty_client_id_allowed: false, assigned_client_id_prefix: 'x-' })
    assert.deepEqual(second?.['mqtt'], { assigned_client_id_prefix: 'auto-' })
  })
})

describe('the rest of Mosquitto’s options', () => {
  it('have Mosquitto’s defaults', async () => {
    const { configuration, process } = await plan('')
    assert.deepEqual(configuration['log'], { durability: 'memory' })
    assert.equal(configuration['data_dir'], '/cwd/./hawser')
    assert.equal(configuration['system_topic_seconds'], 10)
    assert.deepEqual(configuration['limits'], {
      receive_maximum: 20,
      inflight_max: 20,
      durable_inflight_max: 20,
      packet_bytes_max: 2_000_000,
      payload_bytes_max: 0,
      topic_alias_maximum: 10,
      keep_alive_seconds_max: 0,
      session_expiry_seconds_max: 0xffff_ffff,
      legacy_session_expiry_seconds: 0xffff_ffff,
    })
    assert.deepEqual(process, {
      user: undefined,
      pidFile: undefined,
      secrets: {},
      log: { level: 'info', destinations: [{ kind: 'stderr' }] },
    })
  })

  it('take the values that are given', async () => {
    const { configuration, process } = await plan(
      `persistence true
persistence_location /var/lib/mosquitto
max_inflight_messages 0
max_packet_size 500
message_size_limit 100
max_keepalive 60
persistent_client_expiration 2d
global_max_connections 9
global_max_clients 8
retain_available false
clientid_prefixes plant-
sys_interval 0
user iot
pid_file run/m.pid
`,
    )
    assert.deepEqual(configuration['log'], { durability: 'disk' })
    assert.equal(configuration['data_dir'], '/var/lib/mosquitto/hawser')
    assert.equal(configuration['system_topic_seconds'], 0)
    const limits = configuration['limits'] as Record<string, number>
    assert.equal(limits['inflight_max'], 65_535)
    assert.equal(limits['packet_bytes_max'], 500)
    assert.equal(limits['payload_bytes_max'], 100)
    assert.equal(limits['keep_alive_seconds_max'], 60)
    assert.equal(limits['legacy_session_expiry_seconds'], 2 * 86_400)
    assert.equal(limits['connections_max'], 9)
    assert.equal(limits['sessions_max'], 8)
    assert.equal((configuration['mqtt'] as { retain_available: boolean }).retain_available, false)
    assert.equal((configuration['mosquitto_access'] as { client_id_prefix: string }).client_id_prefix, 'plant-')
    assert.deepEqual([process.user, process.pidFile], ['iot', '/cwd/run/m.pid'])
  })

  const logs: readonly (readonly [text: string, level: string, destinations: readonly string[]])[] = [
    ['log_type error\n', 'error', ['stderr']],
    ['log_type error\nlog_type warning\n', 'warn', ['stderr']],
    ['log_type notice\n', 'info', ['stderr']],
    ['log_type all\n', 'debug', ['stderr']],
    ['log_type none\n', 'info', []],
    ['log_dest none\n', 'info', []],
    ['log_dest stdout\nlog_dest none\nlog_dest syslog\nlog_dest stderr\n', 'info', ['stderr']],
    ['log_dest file a b.log\nlog_dest topic\n', 'info', ['/cwd/a b.log']],
  ]
  for (const [text, level, destinations] of logs) {
    it(JSON.stringify(text), async () => {
      const { log } = (await plan(text)).process
      assert.equal(log.level, level)
      assert.deepEqual(
        log.destinations.map((each) => (each.kind === 'file' ? each.path : each.kind)),
        destinations,
      )
    })
  }

  it('are refused as a whole where one cannot be run, by the first and how to see the others', async () => {
    await assert.rejects(plan('listener 1883\npsk_hint x\nconnection b\n'), {
      code: 'CONFIG_INVALID',
      message: /mosquitto\.conf:3: a connection without an address/,
      mend: /write its address below it \(and 2 more: hawser broker --mosquitto-conf .* --check\)/,
    })
  })
})

describe('bridges of Mosquitto', () => {
  const connectors = async (text: string) => (await plan(text)).configuration['connectors'] as readonly object[]

  it('are connectors, one for each direction, QoS and pair of prefixes', async () => {
    const text = `connection Up North
address broker.example.com:8883
bridge_cafile ca.pem
topic plant/# both 1 "" sites/7/
topic valve/# both 1 "" sites/7/
topic cmd/# in 2 local/ ""
remote_clientid c
remote_username u
remote_password secret
`
    const common = {
      ...{ kind: 'mqtt', url: 'mqtts://broker.example.com:8883', tls: { ca_file: '/cwd/ca.pem' }, version: '3.1.1' },
      ...{ username: 'u', password: { env: 'HAWSER_BRIDGE_UP_NORTH_PASSWORD' } },
    }
    assert.deepEqual(await connectors(text), [
      {
        ...{ ...common, name: 'up-north', client_id: 'c', direction: 'both', qos: 1 },
        ...{ local_prefix: '', remote_prefix: 'sites/7/', filters: ['plant/#', 'valve/#'] },
      },
      {
        ...{ ...common, name: 'up-north-2', client_id: 'c-2', direction: 'in', qos: 2 },
        ...{ local_prefix: 'local/', remote_prefix: '', filters: ['local/cmd/#'] },
      },
    ])
    assert.deepEqual((await plan(text)).process.secrets, { HAWSER_BRIDGE_UP_NORTH_PASSWORD: 'secret' })
  })

  it('go to port 1883 unless said, out at QoS 0 unless said, and keep what they can', async () => {
    const [only] = await connectors(
      'connection b\naddress h\ntopic a\nbridge_protocol_version mqttv50\nbridge_outgoing_retain false\nbridge_receive_maximum 7\nbridge_session_expiry_interval 60\n',
    )
    assert.deepEqual(only, {
      ...{ kind: 'mqtt', name: 'b', url: 'mqtt://h:1883', version: '5.0', session_seconds: 60, in_flight_max: 7 },
      ...{ direction: 'out', qos: 0, local_prefix: '', remote_prefix: '', filters: ['a'], retain: false },
    })
  })

  const faults: Readonly<Record<string, RegExp>> = {
    'address h\ntopic a sideways': /:3: sideways is no direction/,
    'address h\ntopic a out 3': /:3: 3 is no QoS/,
    'address h\ntopic a out 0 x/#': /:3: the prefix x\/# has a wildcard/,
    'address h\ntopic "" out 0': /:3: nothing is left of the topic/,
    'address h j\ntopic a': /:2: a bridge goes to one broker/,
    'address h': /:1: a connection without a topic/,
    'address h\ntopic a\nremote_username u': /:4: remote_username alone/,
    'address h\ntopic a/# out\ntopic a/b in': /:4: what goes out by one line comes in by another/,
    'address h\ntopic a both\ntry_private false': /:4: what goes out would come back/,
    'address h\ntopic a\nbridge_insecure true': /:4: bridge_insecure is refused/,
  }
  for (const [lines, message] of Object.entries(faults)) {
    it(`are refused by line: ${JSON.stringify(lines)}`, () =>
      assert.rejects(plan(`connection b\n${lines}\n`), { code: 'CONFIG_INVALID', message }))
  }
})
