// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of connectors
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { runHawser } from '../main.ts'
import { capture } from '../testing/capture.ts'
import { defaultConfiguration } from './configuration.ts'
import { environmentValues } from './environment.ts'
import { faultLine } from './fault.ts'
import { loadConfiguration } from './load.ts'
import { configurationJsonSchema, configurationSchema } from './schema.ts'
import { checkConfigurationText } from './yaml-file.ts'

const faults = (text: string): string[] => checkConfigurationText('h.yaml', text).faults.map(faultLine)

const refusal = (line: RegExp) => (error: unknown) => {
  assert.ok(error instanceof HawserError)
  assert.equal(error.code, 'CONFIG_INVALID')
  assert.match(error.line, line)
  return true
}

describe('configuration file', () => {
  it('names line, fault and mend', () => {
    const text = `data_dir: here
listeners:
  mqtt:
    prot: 1884
http:
  port: 99999
log:
  durability: dsik
scenarios: [factory, boats]
connectors:
  - name: raw
    kind: file
    fileters: ['#']
allow_anonymous: perhaps
`
    assert.deepEqual(faults(text), [
      'h.yaml:4: unknown key "prot" in listeners.mqtt; did you mean "port"?',
      'h.yaml:6: http.port cannot be 99999; it is 65535 at most',
      'h.yaml:8: log.durability cannot be "dsik"; choose one of disk, memory',
      'h.yaml:9: scenarios.1 cannot be "boats"; choose one of factory, sensors, fleet',
      'h.yaml:13: unknown key "fileters" in connectors.0; did you mean "filters"?',
      'h.yaml:14: allow_anonymous cannot be "perhaps"; give true or false',
    ])
  })

  it('names the line of what is not YAML, or twice there', () => {
    assert.match(faults('a: [1\nb: 2\n')[0] ?? '', /^h\.yaml:\d: /)
    assert.match(faults('data_dir: a\ndata_dir: b\n')[0] ?? '', /^h\.yaml:2: .*unique/)
  })

  it('takes an empty one', () => assert.deepEqual(faults('# nothing\n'), []))

  it('has a published schema that is not stale', () => {
    const published = readFileSync(new URL('../../../../docs/hawser.schema.json', import.meta.url), 'utf8')
    assert.equal(published, configurationJsonSchema(), 'run: npx hawser config schema > docs/hawser.schema.json')
  })

  it('takes every default', async () => {
    const shown = capture()
    assert.equal(await runHawser(['config', 'show', '--json'], { ...shown.io, env: {} }), 0)
    assert.equal(configurationSchema.safeParse(JSON.parse(shown.stdout())).error, undefined)
  })
})

describe('configuration', () => {
  it('lays flags over environment over file over defaults', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, 'http: { port: 1 }\ndata_dir: file\nlimits: { connections_max: 7 }\nseed: 4\n')
    const configuration = await loadConfiguration({
      file,
      env: {
        HAWSER_HTTP_PORT: '2',
        HAWSER_DATA_DIR: 'env',
        HAWSER_SCENARIOS: 'factory',
        HAWSER_MQTT_ACCEPT_VERSIONS: '4,5',
      },
      flags: { http: { port: 3 } },
    })
    assert.deepEqual(configuration, {
      ...defaultConfiguration,
      dataDir: 'env',
      http: { ...defaultConfiguration.http, port: 3 },
      limits: { ...defaultConfiguration.limits, connectionsMax: 7 },
      mqtt: { ...defaultConfiguration.mqtt, acceptVersions: [4, 5] },
      scenarios: ['factory'],
      seed: 4,
    })
  })

  it('gives a connector what it leaves out', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, 'connectors: [{ kind: file, name: raw, files_max: 2 }]\n')
    const { connectors } = await loadConfiguration({ file, env: {} })
    assert.deepEqual(connectors, [
      {
        kind: 'file',
        name: 'raw',
        filters: ['#'],
        begin: 'oldest',
        backlogBytesMax: 10 * 2 ** 30,
        pastBacklog: 'hold',
        rules: [],
        unmatched: 'pass',
        samples: [],
        folder: 'logger',
        fileBytesMax: 2 ** 26,
        fileSecondsMax: 86_400,
        filesMax: 2,
      },
    ])
  })

  it('reads a connector into Kafka, its files from where the configuration lies', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    const given =
      'kind: kafka, name: k, brokers: ["a:1"], sasl: { mechanism: PLAIN, username: u, password_file: secret }'
    await writeFile(file, `connectors: [{ ${given}, topic_settings: { retention.ms: 5 } }]\n`)
    const [connector] = (await loadConfiguration({ file, env: {} })).connectors
    assert.ok(connector?.kind === 'kafka')
    assert.equal(connector.sasl?.passwordFile, join(folder.path, 'secret'))
    assert.deepEqual([connector.partitions, connector.topicSettings], [3, { 'retention.ms': 5 }])
    await writeFile(file, `connectors: [{ ${given.replace('password_file: secret', '')} }]\n`)
    await assert.rejects(loadConfiguration({ file, env: {} }), { mend: /give one of password_file, password_env/ })
  })

  it('reads a bridge, and refuses one by which messages would run in circles', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    const load = async (...bridges: readonly string[]) => {
      const each = bridges.map((one, index) => `{ kind: mqtt, name: b${index}, url: "mqtt://h", ${one} }`)
      await writeFile(file, `connectors: [${each.join(', ')}]\n`)
      return (await loadConfiguration({ file, env: {} })).connectors
    }
    const [bridge] = await load('direction: both, local_prefix: a/, filters: [a/#], peer: hq')
    assert.ok(bridge?.kind === 'mqtt')
    assert.deepEqual([bridge.direction, bridge.peer, bridge.sessionSeconds], ['both', 'hq', 604_800])
    await load('direction: both, version: 3.1.1')
    const old = 'version: 3.1.1'
    await load(`direction: out, ${old}, filters: [a/#], remote_prefix: x/`, `direction: in, ${old}, filters: [a/#]`)
    await load('direction: out, filters: [a/#]', 'direction: in, filters: [a/+]')
    const circle = /circles|brings in again what b0 takes out/
    await assert.rejects(load(`direction: out, ${old}, filters: [a/#]`, 'direction: in, filters: [a/+]'), {
      mend: circle,
    })
    await assert.rejects(load(`direction: both, ${old}, bridge_bit: false`), { mend: /leave it true/ })
    await assert.rejects(load('direction: in, local_prefix: a/, filters: [b/#]'), { mend: /begins with local_prefix/ })
  })

  it('reads a webhook, its secrets from where the configuration lies', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    const given = 'kind: webhook, name: w, url: "https://a/b", secret: { file: one }, next_secret: { env: TWO }'
    await writeFile(file, `connectors: [{ ${given} }]\n`)
    const [connector] = (await loadConfiguration({ file, env: {} })).connectors
    assert.ok(connector?.kind === 'webhook')
    assert.deepEqual([connector.secret, connector.nextSecret], [{ file: join(folder.path, 'one') }, { env: 'TWO' }])
    await writeFile(file, `connectors: [{ ${given.replace('file: one', 'file: one, env: ONE')} }]\n`)
    await assert.rejects(loadConfiguration({ file, env: {} }), { mend: /give one of file, env/ })
  })

  it('reads a connector into InfluxDB of either API', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    const loaded = async (given: string) => {
      await writeFile(file, `connectors: [{ kind: influx, name: i, url: "http://a:1", ${given} }]\n`)
      return (await loadConfiguration({ file, env: {} })).connectors[0]
    }
    const connector = await loaded('bucket: b, token: { file: t }, tags: ["machine_id=${topic.2}"]')
    assert.ok(connector?.kind === 'influx')
    assert.deepEqual(
      [connector.token?.file, connector.tags, connector.fields],
      [join(folder.path, 't'), ['machine_id=${topic.2}'], ['*']],
    )
    await assert.rejects(loaded('bucket: b, database: d'), { mend: /give one of database, bucket/ })
    await assert.rejects(loaded('database: d, username: u'), { mend: /give both of username and password/ })
  })

  it('reads a table with typed columns, and tells what is wrong with it', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    const loaded = async (columns: string) => {
      await writeFile(file, `connectors: [{ kind: postgres, name: p, table: { name: t, columns: [${columns}] } }]\n`)
      return (await loadConfiguration({ file, env: {} })).connectors[0]
    }
    const connector = await loaded('{ name: line, type: text, topic_level: 1 }, { name: n, type: bigint, path: n }')
    assert.ok(connector?.kind === 'postgres')
    assert.deepEqual(connector.table?.columns, [
      { name: 'line', type: 'text', topicLevel: 1 },
      { name: 'n', type: 'bigint', path: 'n' },
    ])
    const refused = (columns: string, mend: RegExp) => assert.rejects(loaded(columns), { mend })
    await refused('{ name: n, type: bigint }', /column n: give one of path, topic_level/)
    await refused('{ name: topic, type: text, path: a }', /column topic: every table has a column topic already/)
    await refused('{ name: a, type: text, path: a }, { name: a, type: text, path: b }', /column a is there twice/)
    await refused('{ name: a, type: text, path: a, min: 1 }', /column a: min and max are no bounds of text/)
    await refused('{ name: a, type: timestamptz, path: a, zone: Mars/Base }', /Mars\/Base/)
    await refused('{ name: "a;b", type: text, path: a }', /a name is lower-case letters/)
    await refused('{ name: a, type: varchar, path: a }', /double precision/)
  })

  it('reads the partitions of raw telemetry, which a connector with a table has none of', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    const load = async (further: string) => {
      await writeFile(file, `connectors: [{ kind: postgres, name: pg, ${further} }]\n`)
      return (await loadConfiguration({ file, env: {} })).connectors[0]
    }
    const read = await load('raw: { partition_hours: 24, retention_hours: 720 }')
    assert.deepEqual(read?.kind === 'postgres' && read.raw, { partitionHours: 24, retentionHours: 720 })
    const table = 'table: { name: t, columns: [{ name: a, type: text, path: a }] }'
    await assert.rejects(load(`raw: { partition_hours: 24 }, ${table}`), refusal(/:1: .*say it in table/))
    const less = 'raw: { partition_hours: 24, retention_hours: 12 }'
    await assert.rejects(load(less), refusal(/:1: .*is no less than partition_hours/))
  })

  it('finds KPI specifications from where the file lies', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, 'kpis: [kpis/room.json, /srv/hall.json]\n')
    const { kpis } = await loadConfiguration({ file, env: {} })
    assert.deepEqual(kpis, [join(folder.path, 'kpis/room.json'), '/srv/hall.json'])
    assert.deepEqual((await loadConfiguration({ env: { HAWSER_KPIS: 'room.json' } })).kpis, ['room.json'])
  })

  it('refuses a variable that does not fit, by its name', async () => {
    const load = (env: Record<string, string>) => loadConfiguration({ env })
    await assert.rejects(load({ HAWSER_HTTP_PORT: 'x' }), refusal(/^HAWSER_HTTP_PORT: "x" is not a whole number; /))
    await assert.rejects(load({ HAWSER_HTTP_PORT: '70000' }), refusal(/^HAWSER_HTTP_PORT: .* 65535 at most$/))
    await assert.rejects(
      load({ HAWSER_MQTT_ACCEPT_VERSIONS: '4,x' }),
      refusal(/^HAWSER_MQTT_ACCEPT_VERSIONS: "x" is not/),
    )
    await assert.rejects(load({ HAWSER_LOG_DURABILITY: 'x' }), refusal(/^HAWSER_LOG_DURABILITY: .*disk, memory$/))
    await assert.rejects(load({ HAWSER_ALLOW_ANONYMOUS: 'ja' }), refusal(/^HAWSER_ALLOW_ANONYMOUS: /))
  })

  it('loads no schema where no variable is set', () => assert.equal(environmentValues({ PATH: '/bin' }), undefined))

  it('names a file that is not there', async () => {
    await assert.rejects(
      loadConfiguration({ file: 'absent.yaml', env: {} }),
      refusal(/^absent\.yaml: there is no such file; /),
    )
  })
})

describe('hawser config', () => {
  it('checks: one line per fault, exit code 3', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, 'httpp: {}\nprot: 1\n')
    const run = capture()
    assert.equal(await runHawser(['config', 'check', file], run.io), 3)
    const [first, second, ...others] = run.stderr().trimEnd().split('\n')
    assert.equal(first, `${file}:1: unknown key "httpp"; did you mean "http"?`)
    assert.match(second ?? '', /:2: unknown key "prot"; known are data_dir, /)
    assert.deepEqual(others, [])
  })

  it('shows no password', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, 'connectors: [{ kind: postgres, name: pg, url: "postgres://me:s3cret@db/x" }]\n')
    const run = capture()
    assert.equal(await runHawser(['config', 'show', file], run.io), 0)
    assert.match(run.stdout(), /postgres:\/\/me:\*\*\*@db\/x/)
  })
})
