/** `HAWSER_LISTENERS_MQTT_PORT=1884` says what `listeners: { mqtt: { port: 1884 } }` says in the file. */
import { HawserError } from '@hawser/std'
import { type Configuration, defaultConfiguration } from './configuration.ts'
import { environmentName, isPlainObject, snakeCase } from './names.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Variable {
  readonly name: string
  readonly path: readonly string[]
  readonly sample: unknown
}

/** Every single value of the configuration; lists of texts or numbers are written with commas, other lists only in the file. */
function variables(value: unknown = withOptional(defaultConfiguration), path: readonly string[] = []): Variable[] {
  if (isPlainObject(value)) return Object.entries(value).flatMap(([key, inner]) => variables(inner, [...path, key]))
  return path[0] === 'connectors' ? [] : [{ name: environmentName(path), path, sample: value }]
}

/** Settings without a default, by an example of their type. */
const withOptional = (configuration: Configuration) => {
  const { mqtt, ws } = configuration.listeners
  const rules = {
    enabled: true,
    socket: '',
    socketMode: '',
    allowAnonymous: false,
    mountPoint: '',
    connectionsMax: 0,
    packetBytesMax: 0,
  }
  const servers = { kafka: [''], postgres: '', mqtt: '' }
  const engine = { ...configuration.engine, servers: [''], monitors: [''] }
  return {
    ...configuration,
    engine,
    listeners: { mqtt: { ...mqtt, ...rules }, ws: { ...ws, ...rules } },
    servers,
    seed: 0,
  }
}

/** The variable that sets a path, for messages. */
export const nameOfPath = (path: readonly PropertyKey[]): string => environmentName(path.map(String))

/** In the file's spelling. Undefined where no variable is set, so that a start without any checks none. */
export function environmentValues(env: Environment): Readonly<Record<string, unknown>> | undefined {
  const value: Record<string, unknown> = {}
  let found = false
  for (const { name, path, sample } of variables()) {
    const text = env[name]
    if (text === undefined || text === '') continue
    place(value, path.map(snakeCase), typed(name, text, sample))
    found = true
  }
  return found ? value : undefined
}

function typed(name: string, text: string, sample: unknown): unknown {
  if (Array.isArray(sample)) {
    const [item] = sample
    return text.split(',').map((part) => (typeof item === 'number' ? typed(name, part, item) : part))
  }
  if (typeof sample === 'number') {
    if (/^\d+$/.test(text)) return Number(text)
    throw new HawserError('CONFIG_INVALID', `${name}: "${text}" is not a whole number`, {
      mend: 'give one, or unset it',
    })
  }
  if (typeof sample === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true'
    throw new HawserError('CONFIG_INVALID', `${name}: "${text}" is neither true nor false`, {
      mend: 'give one of them',
    })
  }
  return text
}

function place(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const inner = (target[key] ?? {}) as Record<string, unknown>
  target[key] = inner
  place(inner, rest, value)
}
