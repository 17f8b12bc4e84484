/** `--check` as a user runs it. Options that only Mosquitto 2.1 has are proven here alone: Debian has 2.0. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { runHawser } from '../../packages/cli/src/main.ts'
import { capture } from '../../packages/cli/src/testing/capture.ts'
import { options } from '../../packages/mosquitto/src/mod.ts'

interface Checked {
  readonly code: number
  readonly stdout: string
}

async function check(text: string, ...flags: readonly string[]): Promise<Checked> {
  await using folder = await temporaryFolder()
  const file = `${folder.path}/mosquitto.conf`
  await writeFile(file, text)
  const { io, stdout } = capture()
  const code = await runHawser(['broker', '--mosquitto-conf', file, '--check', ...flags], io)
  return { code, stdout: stdout().replaceAll(`${folder.path}/`, '') }
}

const bridge = ['connection b', 'address h', 'topic a']

/** One line of each option that came with 2.1, below what it needs; and the verdicts of other values. */
const newIn21: Readonly<Record<string, { readonly lines: readonly string[]; readonly verdict: string }>> = {
  accept_protocol_versions: { lines: ['accept_protocol_versions 4, 5'], verdict: 'honoured' },
  'bridge_ciphers_tls1.3': { lines: [...bridge, 'bridge_ciphers_tls1.3 x'], verdict: 'refused' },
  bridge_ciphers: { lines: [...bridge, 'bridge_ciphers x'], verdict: 'refused' },
  bridge_max_topic_alias: { lines: [...bridge, 'bridge_max_topic_alias 5'], verdict: 'harmless' },
  bridge_receive_maximum: { lines: [...bridge, 'bridge_receive_maximum 5'], verdict: 'honoured' },
  bridge_reload_type: { lines: [...bridge, 'bridge_reload_type lazy'], verdict: 'harmless' },
  bridge_session_expiry_interval: { lines: [...bridge, 'bridge_session_expiry_interval 5'], verdict: 'honoured' },
  bridge_tcp_keepalive: { lines: [...bridge, 'bridge_tcp_keepalive 1 2 3'], verdict: 'harmless' },
  bridge_tcp_user_timeout: { lines: [...bridge, 'bridge_tcp_user_timeout 5'], verdict: 'harmless' },
  bridge_tls_use_os_certs: { lines: [...bridge, 'bridge_tls_use_os_certs true'], verdict: 'honoured' },
  disable_client_cert_date_checks: { lines: ['disable_client_cert_date_checks true'], verdict: 'refused' },
  enable_control_api: { lines: ['enable_control_api true'], verdict: 'refused' },
  enable_proxy_protocol: { lines: ['enable_proxy_protocol 2'], verdict: 'refused' },
  global_max_clients: { lines: ['global_max_clients 100'], verdict: 'honoured' },
  global_max_connections: { lines: ['global_max_connections 100'], verdict: 'honoured' },
  global_plugin: { lines: ['global_plugin /usr/lib/x.so'], verdict: 'refused' },
  listener_allow_anonymous: { lines: ['listener_allow_anonymous true'], verdict: 'honoured' },
  listener_auto_id_prefix: { lines: ['listener_auto_id_prefix x-'], verdict: 'honoured' },
  max_topic_alias_broker: { lines: ['max_topic_alias_broker 5'], verdict: 'harmless' },
  packet_buffer_size: { lines: ['packet_buffer_size 1024'], verdict: 'harmless' },
  plugin_load: { lines: ['plugin_load x /usr/lib/x.so'], verdict: 'refused' },
  plugin_use: { lines: ['plugin_use x'], verdict: 'refused' },
  proxy_protocol_v2_require_tls: { lines: ['proxy_protocol_v2_require_tls true'], verdict: 'refused' },
  retain_expiry_interval: { lines: ['retain_expiry_interval 60'], verdict: 'refused' },
  websockets_origin: { lines: ['protocol websockets', 'websockets_origin https://a.example'], verdict: 'honoured' },
}

describe('hawser broker --mosquitto-conf FILE --check', () => {
  it('knows every option that came with 2.1', () => {
    const names = options.filter(({ since }) => since === '2.1').map(({ name }) => name)
    assert.deepEqual(Object.keys(newIn21).toSorted(), names.toSorted())
  })

  for (const [name, { lines, verdict }] of Object.entries(newIn21)) {
    it(`finds ${name} ${verdict}`, async () => {
      const { code, stdout } = await check(`listener 1883\n${lines.join('\n')}\n`)
      const line = stdout.split('\n').find((each) => each.startsWith(`mosquitto.conf:${lines.length + 1}: `))
      assert.match(line ?? '', new RegExp(`^mosquitto.conf:\\d+: ${verdict} +${name.replace('.', '\\.')}`))
      assert.equal(code, verdict === 'refused' ? 3 : 0)
    })
  }

  it('ends with what there is of each kind, and 3 where it would not start', async () => {
    const { code, stdout } = await check('listener 1883\nautosave_interval 5\npsk_file x\nno_such x\n')
    assert.match(stdout, /\n1 honoured, 1 harmless, 1 refused, 1 fault: hawser would not start on this file\n$/)
    assert.equal(code, 3)
  })

  it('looks into the files that are named', async () => {
    const { code, stdout } = await check(
      'listener 8883\ncertfile none.pem\nkeyfile none.key\nacl_file none\npassword_file none\n',
    )
    assert.equal(code, 3)
    for (const line of ['2: fault    none.pem: there is no such file', '4: fault    none: there is no such file']) {
      assert.ok(stdout.includes(`mosquitto.conf:${line}`), stdout)
    }
    assert.match(stdout, /5 honoured, 0 harmless, 0 refused, 4 fault/)
  })

  it('shows no secret', async () => {
    const { stdout } = await check(
      'connection b\nremote_password hush-1\nbridge_psk hush-2\nplugin x\nplugin_opt_p hush-3\n',
    )
    assert.doesNotMatch(stdout, /hush/)
  })

  it('prints JSON for programs', async () => {
    const { code, stdout } = await check('listener 1883\npsk_hint x\n', '--json')
    const { ok, lines } = JSON.parse(stdout) as { ok: boolean; lines: { line: number; verdict: { kind: string } }[] }
    assert.deepEqual([ok, code], [false, 3])
    assert.deepEqual(
      lines.map(({ line, verdict }) => [line, verdict.kind]),
      [
        [1, 'honoured'],
        [2, 'refused'],
      ],
    )
  })
})
