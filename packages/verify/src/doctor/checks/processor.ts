/** The processor derives heat index and dew point from what the sensors say now. */
import { processorPart } from '@hawser/simulate'
import type { Check } from '../check.ts'
import { type Finding, failed, passed, skipped } from '../finding.ts'
import { heard } from '../waiting.ts'

const subject = { name: 'processor', what: 'processor deriving' }
const outputs = ['heat_index', 'dew_point']

export const processorCheck: Check = {
  subject,
  needs: 'console',
  async run({ connect, brokerUrls, random, timeUp, scenarios, scale }) {
    if (!scenarios.includes('sensors')) return [skipped(subject, 'the scenario sensors does not run here')]
    if (scale['processor'] === 0) return [skipped(subject, 'left out by --scale')]
    const topics = outputs.map((output) => processorPart().options.topic.replaceAll('{id}', output))
    const values = new Map<string, string>()
    await using peer = await connect(brokerUrls.tcp, `hawser-doctor-processor-${random.integer(2 ** 32)}`, timeUp)
    const all = heard(peer, timeUp, ({ topic, payload, retain }) => {
      // The retained value says nothing of now.
      if (!retain && topics.includes(topic)) values.set(topic, payload)
      return values.size === topics.length
    })
    all.catch(() => undefined)
    for (const topic of topics) await peer.subscribe(topic, 0)
    await all
    return [findingOf(topics, values)]
  },
}

function findingOf(topics: readonly string[], values: ReadonlyMap<string, string>): Finding {
  const mend = 'it needs temperature and humidity; see the log file for what the processor said'
  const silent = topics.filter((topic) => !values.has(topic))
  if (silent.length > 0) return failed(subject, `nothing new on ${silent.join(', ')}`, mend)
  const figures = [...values].map(([topic, text]) => `${topic} ${text}`)
  const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text))
  if (![...values.values()].every(isNumber)) return failed(subject, `no number: ${figures.join(', ')}`, mend)
  return passed(subject, figures.join(', '))
}
