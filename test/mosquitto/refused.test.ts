/** What Mosquitto does not start on, ours does not start on either; where ours refuses more, the reason stands there. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { checkedLines, readMosquittoConf } from '../../packages/mosquitto/src/mod.ts'
import { missing, start } from '../support/programs.ts'
import { freePort } from './broker-process.ts'

const skip = missing('mosquitto', 'apt-get install mosquitto')

/** In a file that begins with `listener PORT 127.0.0.1`. */
const both: Readonly<Record<string, string>> = {
  'an unknown option': 'allow_anonimous true',
  'an indented comment': ' # a comment',
  'a tab for a blank': 'allow_anonymous\ttrue',
  'a boolean that is none': 'persistence yes',
  'an option without its value': 'persistence',
  'a text without its value': 'password_file',
  'a QoS that is none': 'max_qos 3',
  'a packet size that is too small': 'max_packet_size 19',
  'a keep alive that is too large': 'max_keepalive 70000',
  'a duration without unit': 'persistent_client_expiration 3',
  'a log type that is none': 'log_type noise',
  'a log destination that is none': 'log_dest paper',
  'an address kind that is none': 'socket_domain ipv5',
  'a protocol that is none': 'protocol gopher',
  'a mount point with a wildcard': 'mount_point a/+/',
  'a port that is none': 'listener 70000',
  'a Unix socket without a path': 'listener 0',
  'a folder that is not there': 'include_dir none',
  'a bridge’s option without a bridge': 'threshold 5',
  'a plugin’s option without a plugin': 'plugin_opt_x 5',
  'per_listener_settings below what it is about': 'allow_anonymous true\nper_listener_settings true',
  'two log files': 'log_dest file /dev/null\nlog_dest file /dev/null',
}

/** Mosquitto runs on these. */
const oursAlone: Readonly<Record<string, readonly [text: string, reason: string]>> = {
  'a number with a leading zero': ['sys_interval 010', '2.0 reads ten, 2.1 eight'],
  'a number with letters behind it': ['sys_interval 10s', '2.0 reads ten, 2.1 refuses it'],
  'a prefix that is too long': [`auto_id_prefix ${'x'.repeat(51)}`, '2.1 refuses it'],
  'a certificate alone': ['certfile a.pem', '2.0.11 opens the listener without TLS; 2.1 refuses it'],
  'an authority without TLS': ['cafile ca.pem', 'the listener would be plain, and somebody thought it were not'],
  'a required certificate without TLS': ['require_certificate true', 'nobody would be asked for one'],
}

/** And on these both. */
const fine: Readonly<Record<string, string>> = {
  nothing: '',
  'a comment behind a number': 'sys_interval 10 # seconds',
  'blanks around': '  sys_interval   10  ',
  'a line ending of Windows': 'sys_interval 10\r',
  'an older name': 'maximum_qos 1',
  'an option twice': 'sys_interval 10\nsys_interval 20',
}

const isRoot = process.getuid?.() === 0

async function judged(text: string): Promise<{ readonly mosquitto: boolean; readonly hawser: boolean }> {
  await using folder = await temporaryFolder()
  const file = `${folder.path}/mosquitto.conf`
  await writeFile(file, `listener ${await freePort()} 127.0.0.1\n${isRoot ? 'user root\n' : ''}${text}\n`)
  const mosquitto = start('mosquitto', ['-c', file])
  const runs = await mosquitto.printed(' running').then(
    () => true,
    () => false,
  )
  // It forgets a gentler signal that comes before its loop begins.
  mosquitto.kill('SIGKILL')
  await mosquitto.finished
  const lines = checkedLines(await readMosquittoConf(file))
  return { mosquitto: runs, hawser: !lines.some(({ verdict }) => verdict.kind === 'fault') }
}

describe('a configuration that is wrong', { skip }, () => {
  for (const [name, text] of Object.entries(both)) {
    it(`is refused by both: ${name}`, async () => {
      assert.deepEqual(await judged(text), { mosquitto: false, hawser: false })
    })
  }
  for (const [name, [text, reason]] of Object.entries(oursAlone)) {
    it(`is refused by ours alone: ${name}, because ${reason}`, async () => {
      assert.deepEqual(await judged(text), { mosquitto: true, hawser: false })
    })
  }
  for (const [name, text] of Object.entries(fine)) {
    it(`is taken by both: ${name}`, async () => {
      assert.deepEqual(await judged(text), { mosquitto: true, hawser: true })
    })
  }
})
