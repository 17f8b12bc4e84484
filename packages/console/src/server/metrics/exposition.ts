/** Samples as Prometheus text. The counting is done elsewhere, so every scrape has a registry of its own. */
import { type HistogramFigure, type MetricName, metrics, workerLabel } from '@hawser/admin'
import { Counter, Gauge, Registry } from '@prometheus-io/client'
import type { MetricSample } from './samples.ts'

type Labels = Readonly<Record<string, string>>
type Setter = (labels: Labels, value: number) => void

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** A metric without a sample is left out: a 0 in its place would look like a counter that started again. */
export async function exposition(samples: Iterable<MetricSample>): Promise<Exposition> {
  const registry = new Registry()
  const setters = new Map<MetricName, Setter>()
  const histograms = new Map<MetricName, string[]>()
  for (const { name, labels, value } of samples) {
    if (typeof value === 'number') {
      const set = setters.get(name) ?? setterOf(name, registry)
      setters.set(name, set)
      set(labels, value)
    } else {
      const lines = histograms.get(name) ?? [`# HELP ${name} ${metrics[name].help}`, `# TYPE ${name} histogram`]
      histograms.set(name, lines)
      lines.push(...histogramLines(name, labels, value))
    }
  }
  const text = [...histograms.values()].map((lines) => `${lines.join('\n')}\n`).join('\n')
  return { contentType: registry.contentType, text: `${await registry.metrics()}\n${text}` }
}

function setterOf(name: MetricName, registry: Registry): Setter {
  const { type, help, labels: labelNames } = metrics[name]
  const options = { name, help, labelNames: [...labelNames, workerLabel], registers: [registry] }
  switch (type) {
    case 'counter': {
      const counter = new Counter<string>(options)
      return (labels, value) => counter.inc(labels, value)
    }
    case 'gauge': {
      const gauge = new Gauge<string>(options)
      return (labels, value) => gauge.set(labels, value)
    }
    case 'histogram':
      throw new Error(`${name} is a histogram: its value is none number`)
    default:
      throw type satisfies never
  }
}

/** By hand, because the library counts observations itself and takes no buckets that are counted already. */
function histogramLines(name: MetricName, labels: Labels, { buckets, count, sumSeconds }: HistogramFigure): string[] {
  // The labels are of a closed set: nothing in them needs an escape.
  const own = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const line = (suffix: string, more: readonly string[], value: number): string =>
    `${name}_${suffix}{${[...own, ...more].join(',')}} ${value}`
  return [
    ...buckets.map((bucket) => line('bucket', [`le="${bucket.secondsMax}"`], bucket.count)),
    line('bucket', ['le="+Inf"'], count),
    line('sum', [], sumSeconds),
    line('count', [], count),
  ]
}
