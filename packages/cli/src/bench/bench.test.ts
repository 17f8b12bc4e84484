import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { skipWithoutMosquitto, startMosquitto } from '@hawser/simulate/testing'
import { temporaryFolder } from '@hawser/std/testing'
import { makeAuthority } from '../../../../test/support/certificates.ts'
import { runHawser } from '../main.ts'
import { capture } from '../testing/capture.ts'

async function bench(...args: readonly string[]) {
  const captured = capture()
  const code = await runHawser(['bench', ...args], captured.io)
  return { code, stdout: captured.stdout(), stderr: captured.stderr() }
}

const short = ['--seconds', '1', '--warm-up', '0', '--processes', '2']

describe('hawser bench', () => {
  it('names what is wrong with its arguments, and ends with 2', async () => {
    const complaints: readonly (readonly [args: readonly string[], complaint: RegExp])[] = [
      [[], /no scenario is named; choose one of connections,/],
      [['pair'], /did you mean "pairs"/],
      [['pairs', '--subscribers', '3'], /pairs takes no --subscribers/],
      [['connections', '--publishers', '3'], /connections takes no --publishers/],
      [['pairs', '--payload-bytes', '3'], /--payload-bytes takes 16 to 1048576, not 3/],
      [['pairs', '--rate', '1e3'], /--rate 1e3 is not a whole number/],
      [['pairs', '-V', '31'], /3\.1\.1 or 5/],
      [['pairs', '-L', 'http://localhost'], /unsupported URL scheme/],
      [['pairs', '--psk', '00'], /Unknown option '--psk'/],
      [['pairs', '--cafile', '/nowhere'], /TLS options/],
    ]
    for (const [args, complaint] of complaints) {
      const { code, stderr } = await bench(...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(stderr, complaint)
    }
  })

  it('ends with 8 where no broker is', async () => {
    const { code, stderr } = await bench('pairs', '-L', 'mqtt://127.0.0.1:1', ...short)
    assert.equal(code, 8)
    assert.match(stderr, /^hawser: 127\.0\.0\.1:1: .*ECONNREFUSED/)
  })

  describe('at Mosquitto', { skip: skipWithoutMosquitto }, () => {
    it('prints what it counted, as text and as JSON, and ends with 0', async () => {
      await using mosquitto = await startMosquitto()
      const load = ['-L', mosquitto.url, '--publishers', '3', '--rate', '100', '-q', '1', ...short]
      const text = await bench('pairs', ...load)
      assert.equal(text.code, 0, text.stderr)
      assert.match(text.stdout, /3 publishers, 3 subscribers, QoS 1, 64-byte payloads, MQTT 3\.1\.1, 2 processes/)
      assert.match(text.stdout, /latency +p50 .* p99\.9 /)
      assert.match(text.stdout, /nothing lost, all in order\n$/)
      const json = await bench('fan-out', ...load, '--json', '-V', '5')
      assert.equal(json.code, 0, json.stderr)
      const { mqtt, traffic, problems } = JSON.parse(json.stdout)
      assert.deepEqual([mqtt, problems, traffic.lost], ['5.0', [], 0])
      assert.equal(traffic.delivered, 100 * traffic.published)
    })

    it('goes through TLS, and checks whom it talks to', async () => {
      await using folder = await temporaryFolder()
      await chmod(folder.path, 0o755)
      const authority = await makeAuthority()
      const { certificate, key } = await authority.issue('CN=broker', { hosts: ['localhost'] })
      const path = (name: string): string => join(folder.path, name)
      await writeFile(path('ca.pem'), authority.certificate)
      await writeFile(path('server.pem'), certificate)
      await writeFile(path('server.key'), key)
      await using mosquitto = await startMosquitto([`certfile ${path('server.pem')}`, `keyfile ${path('server.key')}`])
      const at = (host: string): string[] => ['-L', `mqtts://${host}:${mosquitto.port}`, '--cafile', path('ca.pem')]
      const load = ['--publishers', '2', '--rate', '50', '-q', '1', '--payload-bytes', '20000', ...short]
      assert.equal((await bench('pairs', ...at('localhost'), ...load)).code, 0)
      const elsewhere = await bench('pairs', ...at('127.0.0.1'), ...load)
      assert.deepEqual([elsewhere.code, /does not match/.test(elsewhere.stderr)], [8, true])
      assert.equal((await bench('pairs', ...at('127.0.0.1'), '--insecure', ...load)).code, 0)
    })

    it('comes in with a user name and its password, and ends with 8 where they are wrong', async () => {
      await using mosquitto = await startMosquitto(['allow_anonymous false'])
      const { code, stderr } = await bench('connections', '-L', mosquitto.url, '-u', 'ann', '-P', 'wrong', ...short)
      assert.equal(code, 8)
      assert.match(stderr, /CONNACK 0x5/)
    })
  })
})
