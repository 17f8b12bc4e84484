/** Prometheus's text format 0.0.4, read strictly: what a scraper would refuse is refused. */
export interface PrometheusSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface PrometheusText {
  readonly samples: ReadonlyMap<string, readonly PrometheusSample[]>
}

export class PrometheusSyntaxError extends Error {
  override readonly name = 'PrometheusSyntaxError'
}

const typeLine = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/
const helpLine = /^# HELP ([a-zA-Z_:][\w:]*) .*$/
const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: (-?\d+))?$/
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/y

export function parsePrometheusText(text: string): PrometheusText {
  // Every line ends with a line feed, the last one too.
  if (text !== '' && !text.endsWith('\n')) throw new PrometheusSyntaxError('the last line has no end: was it cut off?')
  const samples = new Map<string, PrometheusSample[]>()
  const typed = new Set<string>()
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || helpLine.test(line)) continue
    const type = typeLine.exec(line)?.[1]
    if (type !== undefined) {
      if (typed.has(type) || samples.has(type)) throw fault(index, line)
      typed.add(type)
    } else if (!line.startsWith('#')) {
      addSample(samples, line, index)
    } else if (/^# (TYPE|HELP)\b/.test(line)) {
      throw fault(index, line)
    }
  }
  return { samples }
}

function addSample(samples: Map<string, PrometheusSample[]>, line: string, index: number): void {
  const [, name, labelText = '', valueText = ''] = sampleLine.exec(line) ?? []
  const labels = labelsOf(labelText)
  const value = numberOf(valueText)
  if (name === undefined || labels === undefined || value === undefined) throw fault(index, line)
  const list = samples.get(name) ?? []
  const isTwice = list.some((sample) => JSON.stringify(sample.labels) === JSON.stringify(labels))
  if (isTwice) throw fault(index, line)
  list.push({ labels, value })
  samples.set(name, list)
}

function labelsOf(text: string): Readonly<Record<string, string>> | undefined {
  const labels: Record<string, string> = {}
  labelPair.lastIndex = 0
  while (labelPair.lastIndex < text.length) {
    const [, name, value] = labelPair.exec(text) ?? []
    if (name === undefined || value === undefined || name in labels) return undefined
    labels[name] = value
  }
  return labels
}

function numberOf(text: string): number | undefined {
  if (text === 'NaN') return Number.NaN
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

const fault = (index: number, line: string): PrometheusSyntaxError =>
  new PrometheusSyntaxError(`line ${index + 1} is no Prometheus text: ${line.slice(0, 60)}`)
