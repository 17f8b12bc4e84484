/** Samples as Prometheus text. The counting is done elsewhere, so every scrape has a registry of its own. */
import { type MetricName, metrics } from '@hawser/admin'
import { Counter, Gauge, Registry } from '@prometheus-io/client'
import type { MetricSample } from './samples.ts'

type Setter = (labels: Readonly<Record<string, string>>, value: number) => void

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** A metric without a sample is left out: a 0 in its place would look like a counter that started again. */
export async function exposition(samples: Iterable<MetricSample>): Promise<Exposition> {
  const registry = new Registry()
  const setters = new Map<MetricName, Setter>()
  for (const { name, labels, value } of samples) {
    const set = setters.get(name) ?? setterOf(name, registry)
    setters.set(name, set)
    set(labels, value)
  }
  return { contentType: registry.contentType, text: await registry.metrics() }
}

function setterOf(name: MetricName, registry: Registry): Setter {
  const { type, help, labels: labelNames } = metrics[name]
  const options = { name, help, labelNames, registers: [registry] }
  switch (type) {
    case 'counter': {
      const counter = new Counter<string>(options)
      return (labels, value) => counter.inc(labels, value)
    }
    case 'gauge': {
      const gauge = new Gauge<string>(options)
      return (labels, value) => gauge.set(labels, value)
    }
    default:
      throw type satisfies never
  }
}
