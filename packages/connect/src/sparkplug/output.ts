/**
 * Decoded messages as JSON on topics of MQTT. `sparkplug/${group}/${node}/${device}` is one document for each message;
 * with `${metric}` in it, one for each metric. A level whose place has no value is left out.
 */
import { HawserError } from '@hawser/std'
import type { NamedMetric } from './edge-node.ts'
import { jsonText, type PlainValue } from './payload/value.ts'
import { type EdgeTopic, namespace } from './topic.ts'

export interface Output {
  readonly topic: string
  readonly payload: string
}

const places = ['group', 'node', 'device', 'type', 'metric'] as const
type Places = Readonly<Partial<Record<(typeof places)[number], string | undefined>>>

export interface OutputForm {
  readonly levels: readonly string[]
  readonly isByMetric: boolean
}

const place = /\$\{([^}]*)\}/g

/** Throws `CONFIG_INVALID` where the template cannot be used. */
export function compileOutput(template: string): OutputForm {
  const names = [...template.matchAll(place)].map(([, name = '']) => name)
  const unknown = names.find((name) => !(places as readonly string[]).includes(name))
  const literal = template.replace(place, '')
  if (unknown === undefined && !/[+#]|\$\{/.test(literal) && !template.startsWith(`${namespace}/`) && template !== '') {
    return { levels: template.split('/'), isByMetric: names.includes('metric') }
  }
  throw new HawserError('CONFIG_INVALID', `the template "${template}" cannot be used`, {
    mend: `places are ${places.map((name) => `\${${name}}`).join(', ')}; it is no topic of Sparkplug's own`,
  })
}

export function outputsOf(
  form: OutputForm,
  { group, node, device, type }: EdgeTopic,
  metrics: readonly NamedMetric[],
  timestamp: bigint | undefined,
): readonly Output[] {
  const at = { group, node, device, type }
  if (!form.isByMetric) {
    return [{ topic: topicOf(form, at), payload: jsonText(document(at, metrics, timestamp)) }]
  }
  return metrics.map((metric) => ({
    topic: topicOf(form, { ...at, metric: metric.name }),
    payload: jsonText({
      value: metric.value,
      timestamp: metric.timestamp ?? timestamp ?? null,
      ...(metric.isHistorical ? { historical: true } : {}),
    }),
  }))
}

const isDeath = (type: EdgeTopic['type']): boolean => type === 'NDEATH' || type === 'DDEATH'

function document(
  { group, node, device, type }: Omit<EdgeTopic, 'kind'>,
  metrics: readonly NamedMetric[],
  timestamp: bigint | undefined,
): PlainValue {
  const historical = metrics.filter(({ isHistorical }) => isHistorical).map(({ name }) => name)
  const apart = metrics.filter((metric) => metric.timestamp !== undefined && metric.timestamp !== timestamp)
  return {
    type,
    group,
    node,
    ...(device === undefined ? {} : { device }),
    online: !isDeath(type),
    timestamp: timestamp ?? null,
    metrics: Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
    // Where a metric has another time than the message.
    ...(apart.length === 0
      ? {}
      : { timestamps: Object.fromEntries(apart.map(({ name, timestamp }) => [name, timestamp ?? null])) }),
    ...(historical.length === 0 ? {} : { historical }),
  }
}

function topicOf({ levels }: OutputForm, values: Places): string {
  const written: string[] = []
  for (const level of levels) {
    let isMissing = false
    const text = level.replace(place, (_, name: keyof Places) => {
      const value = values[name]
      isMissing ||= value === undefined
      return escapeWildcards(value ?? '')
    })
    if (!isMissing) written.push(text)
  }
  return written.join('/')
}

/** A name of a metric may have signs that no topic may. */
const escapeWildcards = (text: string): string =>
  text.replace(/[+#\0%]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
