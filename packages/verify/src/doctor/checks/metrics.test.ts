import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { metrics } from '@hawser/admin'
import { findingsOf } from '../testing/check-context.ts'
import { FakeConsole } from '../testing/fake-console.ts'
import { metricsCheck } from './metrics.ts'

/** All metrics at 1, those given as given; the packets as `packets` says at each scrape. */
function scraped(packets: (scrape: number) => number, values: Readonly<Record<string, number | undefined>> = {}) {
  let scrape = 0
  return (): string => {
    const names = Object.entries(metrics).map(([name, { type }]) => (type === 'histogram' ? `${name}_count` : name))
    const all = { ...Object.fromEntries(names.map((name) => [name, 1])), ...values }
    if (!('hawser_broker_packets_received_total' in values)) {
      all['hawser_broker_packets_received_total'] = packets(scrape++)
    }
    return Object.entries(all)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `# HELP ${name} about it\n# TYPE ${name} gauge\n${name} ${value}\n`)
      .join('')
  }
}

async function lineOf(metricsText: () => string): Promise<string> {
  const console = Object.assign(new FakeConsole(), { metricsText })
  const [finding] = await findingsOf(metricsCheck, { console })
  return `${finding?.status}: ${finding?.figure}`
}

describe('metrics check', () => {
  it('passes with all names and figures that move', async () => {
    assert.equal(
      await lineOf(scraped((scrape) => 10 * scrape)),
      `passed: ${Object.keys(metrics).length} metrics, 10 more packets while looking`,
    )
  })

  it('fails when figures stand still', async () => {
    assert.match(await lineOf(scraped(() => 10)), /failed: hawser_broker_packets_received_total stands still at 10/)
  })

  it('fails when a name is missing, and not when there is nothing to count under it', async () => {
    const missing = { hawser_log_open: undefined, hawser_connector_written_total: undefined }
    assert.equal(
      await lineOf(scraped((scrape) => scrape, missing)),
      'failed: missing: hawser_log_open, hawser_connector_written_total',
    )
    assert.match(await lineOf(scraped((scrape) => scrape, { hawser_ledger_missing: undefined })), /^passed/)
  })

  it('fails when the broker cannot be read', async () => {
    assert.match(await lineOf(scraped((scrape) => scrape, { hawser_up: 0 })), /failed: hawser_up is not 1/)
  })

  it('fails on a page that is no Prometheus text, and on an answer that never came', async () => {
    assert.match(await lineOf(() => '<html>hello</html>\n'), /failed: line 1 is no Prometheus text: <html>/)
    assert.match(
      await lineOf(() => {
        throw new Error('answered 401')
      }),
      /failed: answered 401/,
    )
  })
})
