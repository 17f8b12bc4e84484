import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import type { MosquittoConf } from './conf.ts'
import { compareNames } from './lines.ts'
import { readMosquittoConf } from './read.ts'

async function read(text: string, included: Readonly<Record<string, string>> = {}): Promise<MosquittoConf> {
  await using folder = await temporaryFolder()
  await mkdir(`${folder.path}/conf.d`)
  for (const [name, content] of Object.entries(included)) await writeFile(`${folder.path}/conf.d/${name}`, content)
  const file = `${folder.path}/mosquitto.conf`
  await writeFile(file, text.replaceAll('CONF.D', `${folder.path}/conf.d`))
  return await readMosquittoConf(file)
}

const whats = (conf: MosquittoConf): string[] => conf.faults.map(({ line, what }) => `${line}: ${what}`)

describe('mosquitto.conf', () => {
  it('has a name, blanks and a value a line; only # in the first column begins a comment', async () => {
    const conf = await read('# a comment\n\n  persistence   true \r\npersistence_location /var/lib/my # folder \n')
    assert.deepEqual(whats(conf), [])
    assert.equal(conf.settings.boolean('persistence'), true)
    assert.equal(conf.settings.text('persistence_location'), '/var/lib/my # folder')
  })

  it('reads a number or a word up to the next blank', async () => {
    const conf = await read('listener 1883\nmax_connections 5 # so few\nsys_interval 10 seconds\n')
    assert.deepEqual(whats(conf), [])
    assert.equal(conf.listeners[0]?.settings.number('max_connections'), 5)
    assert.equal(conf.settings.number('sys_interval'), 10)
  })

  it('names line and what is near of an option that does not exist', async () => {
    const conf = await read('\nallow_anonimous true\n # indented\nport\t1883\nzzz\n')
    assert.deepEqual(
      conf.faults.map(({ line, mend }) => [line, mend]),
      [
        [2, 'did you mean allow_anonymous?'],
        [3, 'a comment begins in the first column'],
        [4, 'Mosquitto takes blanks behind a name, no tabs'],
        [5, 'see docs/mosquitto.md for all that there are'],
      ],
    )
  })

  const badValues: readonly (readonly [line: string, what: string])[] = [
    ['persistence yes', 'persistence is neither true nor false: yes'],
    ['persistence', 'persistence has no value'],
    ['sys_interval 010', 'sys_interval is no whole number: 010'],
    ['sys_interval 0x10', 'sys_interval is no whole number: 0x10'],
    ['sys_interval 70000', 'sys_interval is out of range: 70000'],
    ['max_packet_size 19', 'max_packet_size is out of range: 19'],
    ['persistent_client_expiration 3', 'persistent_client_expiration is no duration: 3'],
    ['persistent_client_expiration 0d', 'persistent_client_expiration is no duration: 0d'],
    [
      'log_type noise',
      'log_type is not one of none, error, warning, notice, information, debug, subscribe, unsubscribe, internal, websockets, all: noise',
    ],
    ['log_dest paper', 'log_dest is not one of none, stdout, stderr, syslog, topic, dlt, file: paper'],
  ]
  for (const [line, what] of badValues) {
    it(`refuses "${line}"`, async () => assert.deepEqual(whats(await read(`${line}\n`)), [`1: ${what}`]))
  }

  it('gives an option to the listener above it, and port to the default listener', async () => {
    const conf = await read('port 1999\nmax_connections 3\nlistener 1884 127.0.0.1\nmax_qos 1\n')
    assert.deepEqual(whats(conf), [])
    const [first, second] = conf.listeners
    assert.equal(first?.line, undefined)
    assert.equal(first?.settings.number('port'), 1999)
    assert.equal(first?.settings.number('max_connections'), 3)
    assert.equal(second?.line?.value, '1884 127.0.0.1')
    assert.equal(second?.settings.number('max_qos'), 1)
  })

  it('takes the older names for the same options', async () => {
    const conf = await read('retained_persistence true\nlistener 1883\nmaximum_qos 1\n')
    assert.equal(conf.settings.boolean('persistence'), true)
    assert.equal(conf.listeners[0]?.settings.number('max_qos'), 1)
  })

  it('keeps options of users and rights for the whole broker, or for each listener', async () => {
    const whole = await read('listener 1883\npassword_file a\nlistener 1884\npassword_file b\n')
    assert.equal(whole.settings.text('password_file'), 'b')
    const each = await read(
      'per_listener_settings true\nlistener 1883\npassword_file a\nlistener 1884\npassword_file b\n',
    )
    assert.equal(each.settings.text('password_file'), undefined)
    assert.deepEqual(
      each.listeners.map(({ settings }) => settings.text('password_file')),
      ['a', 'b'],
    )
  })

  it('reads the .conf files of include_dir in order, each beginning under no listener', async () => {
    const conf = await read('listener 1883\ninclude_dir CONF.D\nmax_qos 1\n', {
      'b.conf': 'listener 1885\nmax_qos 2\n',
      'A.conf': 'listener 1884\nmax_qos 0\n',
      'c.txt': 'not read\n',
      '.conf': 'not read\n',
    })
    assert.deepEqual(whats(conf), [])
    assert.deepEqual(
      conf.listeners.map(({ line, settings }) => [line?.value, settings.number('max_qos')]),
      [
        ['1883', 1],
        ['1884', 0],
        ['1885', 2],
      ],
    )
  })

  it('refuses an include_dir within an included file, and one that is not there', async () => {
    const nested = await read('include_dir CONF.D\n', { 'a.conf': 'include_dir .\n' })
    assert.deepEqual(whats(nested), ['1: include_dir in an included file'])
    const absent = await read('include_dir CONF.D/none\n')
    assert.equal(absent.faults.length, 1)
  })

  const faulty: Readonly<Record<string, readonly [text: string, what: string]>> = {
    'an option of a listener where there is none': [
      'max_qos 1\n',
      '1: max_qos counts for no listener, as none is given',
    ],
    'an option below a port below a listener': [
      'listener 1883\nport 1884\nmax_qos 1\n',
      '3: max_qos below a port that is below a listener means two things',
    ],
    'per_listener_settings too late': [
      'listener 1883\nacl_file a\nper_listener_settings true\n',
      '3: per_listener_settings below options that it is about',
    ],
    'a certificate alone': ['listener 8883\ncertfile a\n', '2: certfile alone'],
    'an authority without TLS': ['listener 8883\ncafile a\n', '2: cafile on a listener without TLS'],
    'a required certificate without TLS': [
      'listener 8883\nrequire_certificate true\n',
      '2: require_certificate on a listener without TLS',
    ],
    'a required certificate without an authority': [
      'listener 8883\ncertfile a\nkeyfile b\nrequire_certificate true\n',
      '4: require_certificate without an authority',
    ],
    'an identity from a certificate that nobody is asked for': [
      'listener 8883\ncertfile a\nkeyfile b\ncafile c\nuse_identity_as_username true\n',
      '5: use_identity_as_username and no certificate is asked for',
    ],
    'a Unix socket without a path': ['listener 0\n', '1: listener 0 without a path'],
    'a port that is none': ['listener 70000\n', '1: listener 70000 is no port'],
    'a mount point with a wildcard': ['listener 1883\nmount_point a/+/\n', '2: mount_point a/+/ has a wildcard in it'],
    'a version that is none': [
      'listener 1883\naccept_protocol_versions 5, 6\n',
      '2: accept_protocol_versions knows no 6',
    ],
    'a prefix that is too long': [`auto_id_prefix ${'x'.repeat(51)}\n`, '1: auto_id_prefix is too long'],
    'two addresses': ['bind_address ::1\nbind_address 127.0.0.1\n', '2: bind_address stands here a second time'],
    'a bridge’s option without a bridge': ['threshold 5\n', '1: threshold without a connection above it'],
    'a plugin’s option without a plugin': ['plugin_opt_x 5\n', '1: plugin_opt_ without a plugin above it'],
  }
  for (const [name, [text, what]] of Object.entries(faulty)) {
    it(`refuses ${name}`, async () => assert.deepEqual(whats(await read(text)), [what]))
  }

  it('says which file cannot be read', async () => {
    await assert.rejects(readMosquittoConf('none.conf'), /none.conf: there is no such file/)
  })
})

describe('names of included files', () => {
  it('are in the order of their letters, capitals before small ones of the same letter', () => {
    const names = ['b.conf', 'a.conf', 'B.conf', 'A.conf', '10.conf', '9.conf', 'ab.conf', '_.conf']
    assert.deepEqual(names.toSorted(compareNames), [
      '10.conf',
      '9.conf',
      'A.conf',
      'a.conf',
      'ab.conf',
      'B.conf',
      'b.conf',
      '_.conf',
    ])
  })
})
