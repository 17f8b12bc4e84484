import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findingsOf, linesOf, type World } from '../testing/check-context.ts'
import { FakeBroker } from '../testing/fake-broker.ts'
import { processorCheck } from './processor.ts'

async function lineFor(traffic: FakeBroker['traffic'], more: World = {}): Promise<string | undefined> {
  const broker = new FakeBroker()
  broker.traffic = traffic
  return linesOf(await findingsOf(processorCheck, { broker, ...more }))[0]
}

const heatIndex = { topic: 'sensoren/heat_index', payload: '21.50', retain: false }
const dewPoint = { topic: 'sensoren/dew_point', payload: '-3.25', retain: false }

describe('processor check', () => {
  it('passes with two new values', async () => {
    assert.equal(
      await lineFor([heatIndex, dewPoint]),
      'processor passed: sensoren/heat_index 21.50, sensoren/dew_point -3.25',
    )
  })

  it('fails when one of them is missing, or retained from an earlier day', async () => {
    assert.equal(await lineFor([heatIndex]), 'processor failed: nothing new on sensoren/dew_point')
    assert.equal(
      await lineFor([heatIndex, { ...dewPoint, retain: true }]),
      'processor failed: nothing new on sensoren/dew_point',
    )
  })

  it('fails on what is no number', async () => {
    assert.match((await lineFor([heatIndex, { ...dewPoint, payload: '' }])) ?? '', /failed: no number/)
    assert.match((await lineFor([{ ...heatIndex, payload: 'NaN' }, dewPoint])) ?? '', /failed: no number/)
  })

  it('skips where there is none', async () => {
    assert.match((await lineFor([], { scenarios: ['factory'] })) ?? '', /skipped/)
    assert.match((await lineFor([], { scale: { processor: 0 } })) ?? '', /skipped/)
  })
})
