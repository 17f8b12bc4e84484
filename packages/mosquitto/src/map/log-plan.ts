/** Where Mosquitto's messages went and which. */
import type { Settings } from '../conf/conf.ts'

export interface LogPlan {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** None: nothing is told but why it ended. */
  readonly destinations: readonly LogDestination[]
}

export type LogDestination = { readonly kind: 'stdout' | 'stderr' } | { readonly kind: 'file'; readonly path: string }

export function logPlanOf(settings: Settings, resolve: (path: string) => string): LogPlan {
  const types = afterNone(settings.all('log_type').map(({ value }) => String(value)))
  const destinations = afterNone(settings.all('log_dest').map(({ value }) => String(value)))
  const silent = settings.has('log_type') && types.length === 0
  return {
    level: levelOf(types),
    destinations: silent
      ? []
      : settings.has('log_dest')
        ? unique(destinations.flatMap((destination) => destinationOf(destination, resolve)))
        : [{ kind: 'stderr' }],
  }
}

/** `none` takes back what stands above it. */
const afterNone = (words: readonly string[]): readonly string[] => words.slice(words.lastIndexOf('none') + 1)

const levels: readonly (readonly [level: LogPlan['level'], types: readonly string[]])[] = [
  ['debug', ['debug', 'subscribe', 'unsubscribe', 'internal', 'websockets', 'all']],
  ['info', ['information', 'notice']],
  ['warn', ['warning']],
]

function levelOf(types: readonly string[]): LogPlan['level'] {
  if (types.length === 0) return 'info'
  return levels.find(([, words]) => words.some((word) => types.includes(word)))?.[0] ?? 'error'
}

function destinationOf(destination: string, resolve: (path: string) => string): readonly LogDestination[] {
  const [word, path] = splitOnce(destination)
  switch (word) {
    case 'stdout':
      return [{ kind: 'stdout' }]
    case 'file':
      return path === '' ? [] : [{ kind: 'file', path: resolve(path) }]
    case 'stderr':
    case 'syslog':
      return [{ kind: 'stderr' }]
    default:
      return []
  }
}

function splitOnce(text: string): readonly [string, string] {
  const blank = text.indexOf(' ')
  return blank === -1 ? [text, ''] : [text.slice(0, blank), text.slice(blank).trim()]
}

const unique = (destinations: readonly LogDestination[]): readonly LogDestination[] => [
  ...new Map(destinations.map((each) => [JSON.stringify(each), each])).values(),
]
