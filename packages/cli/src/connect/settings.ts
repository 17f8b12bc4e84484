/** What `hawser connect` is told, by file, environment and flags: each over the one before. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HawserError } from '@hawser/std'
import { parse } from 'yaml'
import type { CommandIo } from '../command.ts'
import { beside } from '../config/auth-files.ts'
import { checkedValue } from '../config/checked.ts'
import { type Configuration, type ConfigurationSink, isSink } from '../config/configuration.ts'
import { faultError } from '../config/fault.ts'
import { loadConfiguration } from '../config/load.ts'
import type { ConfigurationMqtt } from '../config/mqtt-configuration.ts'
import { isPlainObject } from '../config/names.ts'
import type { ConnectFlags } from './command.ts'
import { defined, fromEnvironment, oldKeys, settingsOf, urlOf } from './old-names.ts'

export interface ConnectSettings {
  readonly configuration: Configuration
  readonly source: ConfigurationMqtt
  readonly connector: ConfigurationSink
}

type Document = Readonly<Record<string, unknown>>

interface Told {
  readonly source: Document
  readonly connector: Document
  readonly dataDir?: unknown
  readonly logLevel?: unknown
}

/** What the log has no more reader for is kept for the sake of what comes again, see docs/bridge.md. */
const log = { retention_hours: 1, retention_bytes: 2 ** 30 }

export async function connectSettings(kind: string, flags: ConnectFlags, io: CommandIo): Promise<ConnectSettings> {
  const told = [
    ...(flags.config === undefined ? [] : [await fromFile(flags.config, kind)]),
    fromEnvironment(io.env, kind),
    fromFlags(kind, flags),
  ]
  const source = { kind: 'mqtt', name: 'source', direction: 'in', qos: 1, ...merged(told.map((one) => one.source)) }
  if (!('url' in source)) {
    throw new HawserError('USAGE', 'no broker to take messages from', { mend: 'give --mqtt URL, or MQTT_BROKER' })
  }
  const connector = { name: flags.name ?? kind, ...merged(told.map((one) => one.connector)), kind }
  const [dataDir, level] = [last(told, 'dataDir') ?? `.hawser-connect/${connector.name}`, last(told, 'logLevel')]
  const value = {
    ...{ data_dir: dataDir, log, connectors: [source, connector] },
    ...(level === undefined ? {} : { logging: { level } }),
  }
  const { faults } = await checkedValue(value)
  const [fault, ...others] = faults.map((one) => ({
    ...one,
    where: 'hawser connect',
    what: inOurWords(one.what, kind),
  }))
  if (fault !== undefined) throw faultError([fault, ...others])
  const configuration = await loadConfiguration({ value, env: io.env })
  return settled({ ...configuration, dataDir: resolve(configuration.dataDir) })
}

function settled(configuration: Configuration): ConnectSettings {
  const [source, connector] = configuration.connectors
  if (source?.kind !== 'mqtt' || connector === undefined || !isSink(connector))
    throw new TypeError('a source and a connector were given')
  return { configuration, source, connector }
}

const inOurWords = (what: string, kind: string): string =>
  what.replace('connectors.0', 'source').replace('connectors.1', kind)

const merged = (documents: readonly Document[]): Document => Object.assign({}, ...documents)

const last = (told: readonly Told[], key: 'dataDir' | 'logLevel'): unknown =>
  told.map((one) => one[key]).findLast((value) => value !== undefined)

async function fromFile(file: string, kind: string): Promise<Told> {
  const document = await readDocument(file)
  const { source = {}, connector = {}, data_dir: dataDir, ...rest } = document
  const unknown = Object.keys(rest).find((key) => !oldKeys.some((old) => old === key))
  if (unknown !== undefined || !isPlainObject(source) || !isPlainObject(connector)) {
    const known = ['source', 'connector', 'data_dir', ...oldKeys].join(', ')
    throw new HawserError('CONFIG_INVALID', `${file}: unknown key "${unknown ?? 'source'}"`, {
      mend: `known are ${known}`,
    })
  }
  const old = settingsOf(rest, kind)
  const folder = dirname(resolve(file))
  return {
    source: { ...old.source, ...beside(source, folder) },
    connector: { ...old.connector, ...beside(connector, folder) },
    dataDir,
    logLevel: old.logLevel,
  }
}

async function readDocument(file: string): Promise<Document> {
  const document: unknown = await readFile(file, 'utf8').then(parse, (cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new HawserError('CONFIG_INVALID', `${file}: ${why}`, { mend: 'give a YAML or JSON file', cause })
  })
  if (isPlainObject(document)) return document
  throw new HawserError('CONFIG_INVALID', `${file} holds no settings`, { mend: 'see hawser connect --help' })
}

function fromFlags(kind: string, flags: ConnectFlags): Told {
  const { 'password-file': passwordFile, 'password-env': passwordEnv } = flags
  const password = passwordFile ?? passwordEnv
  const source = defined({
    url: flags.mqtt === undefined ? undefined : urlOf(flags.mqtt),
    filters: flags.topic,
    share: flags.share,
    client_id: flags['client-id'],
    version: flags['mqtt-version'],
    qos: flags.qos,
    username: flags.username,
    password: password && (passwordFile === undefined ? { env: passwordEnv } : { file: resolve(passwordFile) }),
  })
  const set = Object.fromEntries((flags.set ?? []).map(keyAndValue))
  const connector = defined({ url: flags.url, brokers: kind === 'kafka' ? flags.kafka : undefined, ...set })
  return { source, connector, dataDir: flags['data-dir'], logLevel: flags['log-level'] }
}

function keyAndValue(text: string): readonly [string, unknown] {
  const [, key, value] = /^([a-z_]+)=(.*)$/s.exec(text) ?? []
  if (key !== undefined && value !== undefined) return [key, parse(value)]
  throw new HawserError('USAGE', `--set ${text}`, { mend: 'write it as --set key=value' })
}
