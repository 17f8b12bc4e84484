import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { makeAuthority } from '../../../../test/support/certificates.ts'
import { listenerOptions } from '../composition/listeners.ts'
import { runHawser } from '../main.ts'
import { capture } from '../testing/capture.ts'
import { faultLine } from './fault.ts'
import { loadConfiguration } from './load.ts'
import { checkConfigurationText } from './yaml-file.ts'

const faults = (text: string): string[] => checkConfigurationText('h.yaml', text).faults.map(faultLine)

const everything = `listeners:
  mqtt:
    enabled: false
  ws:
    port: 9100
    websocket: { path: /mqtt, origins: ['https://shop.example'] }
  plant-7:
    protocol: mqtts
    host: 0.0.0.0
    tls:
      certificate_file: server.pem
      key_file: server.key
      passphrase: s3cret
      ca_file: /etc/plant/ca.pem
      crl_file: crl.pem
      client_certificate: require
      min_version: TLSv1.3
      names:
        '*.plant.example': { certificate_file: plant.pem, key_file: plant.key }
    proxy_protocol: { trusted: [10.0.0.0/8], required: false }
    mount_point: plant/7/
    connections_max: 100
    packet_bytes_max: 4096
    mqtt: { qos_max: 1, accept_versions: [5] }
  local:
    protocol: mqtt
    socket: hawser.sock
    socket_mode: '0600'
`

describe('listeners of the configuration', () => {
  it('are a map by name; each leaves out what it likes', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, everything)
    const { listeners } = await loadConfiguration({ file, env: { HAWSER_LISTENERS_WS_HOST: '::1' } })
    assert.deepEqual(listeners.mqtt, { protocol: 'mqtt', host: 'localhost', port: 1883, enabled: false })
    assert.deepEqual(listeners.ws, {
      protocol: 'ws',
      host: '::1',
      port: 9100,
      websocket: { path: '/mqtt', origins: ['https://shop.example'] },
    })
    const { tls, ...plant } = listeners['plant-7'] ?? {}
    assert.deepEqual(plant, {
      protocol: 'mqtts',
      host: '0.0.0.0',
      port: 8883,
      proxyProtocol: { trusted: ['10.0.0.0/8'], required: false },
      mountPoint: 'plant/7/',
      connectionsMax: 100,
      packetBytesMax: 4096,
      mqtt: { qosMax: 1, acceptVersions: [5] },
    })
    assert.deepEqual(tls, {
      certificateFile: join(folder.path, 'server.pem'),
      keyFile: join(folder.path, 'server.key'),
      passphrase: 's3cret',
      caFile: '/etc/plant/ca.pem',
      crlFile: join(folder.path, 'crl.pem'),
      clientCertificate: 'require',
      minVersion: 'TLSv1.3',
      names: {
        '*.plant.example': {
          certificateFile: join(folder.path, 'plant.pem'),
          keyFile: join(folder.path, 'plant.key'),
        },
      },
    })
    assert.equal(listeners['local']?.socket, join(folder.path, 'hawser.sock'))
  })

  it('become what the broker is told, files read, without those that are disabled', async () => {
    await using folder = await temporaryFolder()
    const authority = await makeAuthority()
    const server = await authority.issue('CN=server')
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(join(folder.path, 'server.pem'), server.certificate)
    await writeFile(join(folder.path, 'server.key'), server.key)
    await writeFile(
      file,
      `listeners:
  mqtt: { enabled: false }
  tls: { protocol: mqtts, tls: { certificate_file: server.pem, key_file: server.key } }
  local: { protocol: mqtt, socket: hawser.sock, socket_mode: '0600', mount_point: here/, mqtt: { qos_max: 0 } }
`,
    )
    const { listeners } = await loadConfiguration({ file, env: {} })
    assert.deepEqual(await listenerOptions(listeners), [
      { protocol: 'ws', name: 'ws', host: 'localhost', port: 9001 },
      {
        protocol: 'mqtts',
        name: 'tls',
        host: 'localhost',
        port: 8883,
        tls: { certificate: server.certificate, key: server.key, names: {} },
      },
      {
        protocol: 'mqtt',
        name: 'local',
        socketPath: join(folder.path, 'hawser.sock'),
        socketMode: 0o600,
        mountPoint: 'here/',
        offers: { qosMax: 0 },
      },
    ])
  })

  it('are refused by line', () => {
    const text = `listeners:
  mqtt: { tls: {} }
  further: { port: 1884 }
  secure: { protocol: mqtts }
  web: { protocol: ws, websocket: { paht: / } }
  mounted: { protocol: mqtt, mount_point: 'a/#' }
  proxied: { protocol: mqtt, proxy_protocol: { trusted: [] } }
`
    assert.deepEqual(faults(text), [
      'h.yaml:2: unknown key "tls" in listeners.mqtt; known are protocol, host, port, socket, socket_mode, enabled, allow_anonymous, proxy_protocol, mount_point, connections_max, connects_per_second_max, connects_per_second_per_address_max, messages_per_second_max, bytes_per_second_max, rate_excess_ms_max, packet_bytes_max, payload_bytes_max, topic_alias_maximum, inflight_max, topic_bytes_max, topic_levels_max, subscriptions_per_session_max, session_expiry_seconds_max, mqtt',
      'h.yaml:3: listeners.further.protocol is missing; set protocol to "mqtt" or "mqtts" or "ws" or "wss"',
      'h.yaml:4: listeners.secure.tls is missing; give keys and values',
      'h.yaml:5: unknown key "paht" in listeners.web.websocket; did you mean "path"?',
      'h.yaml:6: listeners.mounted.mount_point cannot be "a/#"; a mount point holds neither + nor #',
      'h.yaml:7: listeners.proxied.proxy_protocol.trusted cannot be []; it is 1 at least',
    ])
    assert.deepEqual(faults('listeners:\n  Upper: { protocol: mqtt }\n'), [
      'h.yaml:2: listeners.Upper cannot be {"protocol":"mqtt"}; a name is lower-case letters, digits and hyphens',
    ])
  })

  it('names the file that is missing, and shows no passphrase', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, everything)
    const { listeners } = await loadConfiguration({ file, env: {} })
    await assert.rejects(listenerOptions(listeners), {
      code: 'CONFIG_INVALID',
      message: /listener plant-7: .*server\.pem: there is no such file/,
    })
    const shown = capture()
    assert.equal(await runHawser(['config', 'show', file], shown.io), 0)
    assert.match(shown.stdout(), /passphrase: "?\*\*\*/)
    assert.doesNotMatch(shown.stdout(), /s3cret/)
    const checked = capture()
    assert.equal(await runHawser(['config', 'check', file], checked.io), 3)
    assert.match(checked.stderr(), /listeners\.plant-7\.tls\.certificate_file: server\.pem cannot be read/)
  })
})
