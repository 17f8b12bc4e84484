import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Observer, skipWithoutMosquitto, startMosquitto } from '@hawser/simulate/testing'
import { temporaryFolder } from '@hawser/std/testing'
import { capture } from '../testing/capture.ts'
import { climate } from './climate.ts'
import { simulateCommand } from './command.ts'
import { readMachineConfiguration } from './machine-configuration.ts'

const recordings =
  process.env['HAWSER_DATA_DIR_RECORDINGS'] ?? join(import.meta.dirname, '..', '..', '..', '..', '..', 'shared', 'data')
const skipWithoutRecordings = existsSync(recordings)
  ? false
  : `no recordings in ${recordings}; set HAWSER_DATA_DIR_RECORDINGS to their folder`

async function run(line: string, env: Readonly<Record<string, string>> = {}) {
  const { io, stdout, stderr } = capture(env)
  const code = await simulateCommand.run(line.split(' '), io)
  return { code, stdout: stdout(), stderr: stderr() }
}

describe('hawser simulate, dry', () => {
  it('prints what machines would send, in the old flags, the same for the same seed', async () => {
    const line = 'machine --machines 2 --interval 0.01 --count 2 --dry-run --seed 7'
    const withoutTimes = (text: string) =>
      text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]{15}/g, 'T').replaceAll(/"shift".*/g, '')
    const [first, second] = [await run(line), await run(line)]
    assert.equal(first.code, 0)
    const readings = first.stdout.trimEnd().split('\n')
    assert.equal(readings.length, 4)
    const ofSecond = /^factory\/machines\/MACHINE_002\/telemetry \{"timestamp":"[^"]+\.\d{6}","machine_id"/
    assert.equal(readings.filter((reading) => ofSecond.test(reading)).length, 2)
    // Each machine has a clock of its own: which of them prints first is up to the system.
    const ofState = (text: string) =>
      withoutTimes(text)
        .replaceAll(/"operator_name":"[^"]*",/g, '')
        .split('\n')
        .sort()
    assert.deepEqual(ofState(first.stdout), ofState(second.stdout))
  })

  it('obeys names and topic from flags before those from the environment', async () => {
    const env = { MQTT_PUB_TOPIC: 'from/environment/{id}' }
    const named = await run('sine --ids java1,python1 --count 1 --dry-run', env)
    assert.match(named.stdout, /^from\/environment\/java1 -?\d\.\d{6}\nfrom\/environment\/python1 -?\d\.\d{6}\n$/)
    const flagged = await run('sine --topic from/flag --count 1 --dry-run', env)
    assert.match(flagged.stdout, /^from\/flag /)
  })

  it('refuses what it does not know, with what is near', async () => {
    await assert.rejects(run('sinus'), { code: 'USAGE', mend: 'did you mean "sine"?' })
    await assert.rejects(run('sine --machines 3'), { code: 'USAGE' })
    await assert.rejects(run('machine --interval soon'), { code: 'USAGE' })
    await assert.rejects(run('sensors --scale sine'), { code: 'USAGE' })
    await assert.rejects(run('sensors --scale processor=2'), { code: 'USAGE' })
    await assert.rejects(run('replay'), { code: 'USAGE' })
    await assert.rejects(run('replay file.csv --speed fast --topic t'), { code: 'USAGE' })
    await assert.rejects(run('vehicle --broker http://x'), { code: 'USAGE' })
  })
})

describe('settings of machines', () => {
  const read = async (text: string) => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'machines.yaml')
    await writeFile(file, text)
    return await readMachineConfiguration(file)
  }

  it('come from YAML or JSON under the old keys', async () => {
    const yaml = await read('machine_count: 3\ninterval_seconds: 2\ntemperature_min: 10\nalarm_probability: 0.5\n')
    assert.deepEqual([yaml.count, yaml.intervalSeconds], [3, 2])
    assert.deepEqual([yaml.machine?.temperatureMin, yaml.machine?.alarmProbability], [10, 0.5])
    const json = await read('{"speed_optimal": 900, "temperature_max": 100}')
    assert.deepEqual([json.machine?.speedOptimal, json.machine?.temperatureCritical, json.count], [900, 98, undefined])
  })

  it('are refused with the key that is wrong', async () => {
    await assert.rejects(read('machine_cout: 3'), { code: 'CONFIG_INVALID', mend: 'did you mean "machine_count"?' })
    await assert.rejects(read('alarm_probability: 2'), /alarm_probability/)
    await assert.rejects(read('temperature_min: 90'), /temperature_min 90 is not below temperature_max 80/)
    await assert.rejects(read('a: ['), { code: 'CONFIG_INVALID' })
    await assert.rejects(readMachineConfiguration('/none.yaml'), { code: 'CONFIG_INVALID' })
  })
})

describe('climate', () => {
  it('is the formulas of the streams package, to two digits', () => {
    assert.equal(climate.dewPointText(20, 50), '9.26')
    assert.equal(climate.heatIndexText(35, 60), '45.05')
    assert.equal(climate.dewPointText(20, 0), undefined)
  })
})

describe('hawser simulate against Mosquitto', { skip: skipWithoutMosquitto }, () => {
  it('takes broker, topics and client id from the environment, and ends with 0 on stop', async () => {
    await using broker = await startMosquitto()
    await using observer = await Observer.open(broker.url, '#')
    const running = run('sine --interval 0.01', {
      MQTT_BROKER: broker.url.replace('mqtt:', 'tcp:'),
      MQTT_PUB_TOPIC: 'sensoren/java1',
      MQTT_FEEDBACK_TOPIC: 'feedback/java1',
      MQTT_CLIENT_ID: 'java1',
    })
    await observer.until((seen) => seen.length > 2)
    await observer.client.publishAsync('feedback/java1', 'stop', { qos: 1 })
    const { code, stderr } = await running
    assert.equal(code, 0)
    assert.match(stderr, /java1: connected to mqtt:.*\n.*stop received on feedback\/java1/s)
    assert.equal(observer.seen[0]?.topic, 'sensoren/java1')
  })

  it('runs a whole scenario, scaled', async () => {
    await using broker = await startMosquitto()
    await using observer = await Observer.open(broker.url, 'sensoren/#')
    const running = run('sensors --scale sine=2,subscriber=0 --seed 1', { MQTT_BROKER: broker.url })
    const topics = () => new Set(observer.seen.map(({ topic }) => topic))
    const all = ['dew_point', 'heat_index', 'humidity', 'sine1', 'sine2', 'temperature'].map(
      (name) => `sensoren/${name}`,
    )
    await observer.until(() => topics().size === all.length)
    assert.deepEqual([...topics()].toSorted(), all)
    for (const id of ['sine1', 'sine2', 'temperature', 'humidity', 'processor']) {
      await observer.client.publishAsync(`feedback/${id}`, 'stop', { qos: 1 })
    }
    assert.equal((await running).code, 0)
  })

  it('a replay that is refused says so and does not end with 0', async () => {
    await using folder = await temporaryFolder()
    const acl = join(folder.path, 'acl')
    const file = join(folder.path, 'rows.csv')
    await writeFile(acl, 'topic read #\n')
    await writeFile(file, 'a\n1\n')
    await using broker = await startMosquitto([`acl_file ${acl}`])
    const refused = await run(`replay ${file} --topic t --qos 1 --speed max --broker ${broker.url}`)
    assert.equal(refused.code, 1)
    assert.match(refused.stdout, /^1 rows sent, 0 acknowledged.*refused by the broker: rows 1\nnot complete\n$/s)
  })

  for (const [path, time] of [
    ['nab/machine_temperature_system_failure.csv', 'timestamp'],
    ['occupancy/datatest.csv', 'date'],
  ] as const) {
    it(`replays ${path} whole, each row once and in order`, { skip: skipWithoutRecordings }, async () => {
      const file = join(recordings, path)
      const [header = '', ...lines] = (await readFile(file, 'utf8')).trimEnd().split(/\r?\n/)
      await using broker = await startMosquitto(['max_queued_messages 0', 'max_inflight_messages 0'])
      await using observer = await Observer.open(broker.url, 'recorded/#')
      const line = `replay ${file} --topic recorded/1 --time-column ${time} --speed max --qos 2 --json`
      const { code, stdout } = await run(line, { MQTT_BROKER: broker.url })
      assert.equal(code, 0)
      assert.equal(JSON.parse(stdout).acknowledged, lines.length)
      await observer.until((seen) => seen.length >= lines.length)
      assert.equal(observer.seen.length, lines.length)
      const unquoted = (text: string) => text.replaceAll('"', '').split(',')
      const names = unquoted(header)
      for (const [index, text] of lines.entries()) {
        const fields = unquoted(text)
        const keys = fields.length > names.length ? ['row', ...names] : names
        const members = keys.map((key, at) => `"${key}":${key === time ? `"${fields[at]}"` : fields[at]}`)
        assert.equal(observer.seen[index]?.payload, `{${members.join(',')}}`)
      }
    })
  }
})
