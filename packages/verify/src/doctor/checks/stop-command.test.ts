import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StartComponent } from '../ports/ports.ts'
import { findingsOf, noComponent, type World } from '../testing/check-context.ts'
import { FakeBroker } from '../testing/fake-broker.ts'
import { FakeConsole } from '../testing/fake-console.ts'
import { stopCommandCheck } from './stop-command.ts'

interface Behaviour {
  readonly publishes?: boolean
  readonly endsAtOnceWith?: number
  /** How it ends when it is told to; undefined: not at all. */
  readonly endsWith?: number | NodeJS.Signals
}

/** A component that lives in the fake broker. */
function componentIn(broker: FakeBroker, behaviour: Behaviour) {
  let isRunning = false
  const start: StartComponent = (id) => {
    isRunning = true
    const ended = Promise.withResolvers<number | NodeJS.Signals>()
    const deliver = broker.deliver.bind(broker)
    broker.deliver = (message) => {
      deliver(message)
      const isStop = message.topic === `feedback/${id}` && message.payload === 'stop'
      if (isStop && behaviour.endsWith !== undefined) ended.resolve(behaviour.endsWith)
    }
    if (behaviour.publishes) {
      queueMicrotask(() => broker.deliver({ topic: `sensoren/${id}`, payload: '0.1', qos: 1, retain: false }))
    }
    if (behaviour.endsAtOnceWith !== undefined) ended.resolve(behaviour.endsAtOnceWith)
    return {
      ended: ended.promise,
      async [Symbol.asyncDispose]() {
        isRunning = false
      },
    }
  }
  return { start, isRunning: () => isRunning }
}

async function lineFor(behaviour: Behaviour): Promise<string> {
  const broker = new FakeBroker()
  const component = componentIn(broker, behaviour)
  const [finding] = await findingsOf(stopCommandCheck('probe'), { broker, startComponent: component.start })
  assert.equal(component.isRunning(), false)
  assert.equal(broker.open, 0)
  return `${finding?.name} ${finding?.status}: ${finding?.figure}`
}

describe('stop command check', () => {
  it('passes when the component ends with 0 upon stop', async () => {
    assert.match(await lineFor({ publishes: true, endsWith: 0 }), /stop passed: exit code 0 after \d+ ms/)
  })

  it('fails when it does not end, or not well', async () => {
    assert.match(await lineFor({ publishes: true }), /stop failed: still runs after \d+ ms/)
    assert.match(await lineFor({ publishes: true, endsWith: 1 }), /stop failed: ended with 1/)
    assert.match(await lineFor({ publishes: true, endsWith: 'SIGKILL' }), /stop failed: ended with SIGKILL/)
  })

  it('fails when it never started', async () => {
    assert.match(await lineFor({}), /failed: the component published nothing/)
    assert.match(await lineFor({ endsAtOnceWith: 8 }), /failed: the component ended with 8 before it was told to/)
  })

  it('ends no component that is not its own', async () => {
    const lines = async (id: string, world: World) => (await findingsOf(stopCommandCheck(id), world))[0]?.figure
    const console = new FakeConsole()
    console.clientIds = ['probe-1a2b']
    const world = { console, startComponent: noComponent }
    assert.match((await lines('probe', world)) ?? '', /connected already/)
    assert.match((await lines('sine1', { startComponent: noComponent })) ?? '', /scenarios name their devices so/)
  })
})
