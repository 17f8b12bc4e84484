import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MessageLog, partition } from '@hawser/engine'
import { createMemoryLog } from '@hawser/engine/memory'
import { HawserError, milliseconds, seededRandom, systemClock } from '@hawser/std'
import { contractLog, type WatchedRun, watched } from '../contract/bench-log.ts'
import { eventIdOf } from '../message/event-id.ts'
import { publishesIn } from '../testing/publishes-in.ts'
import { openLogEntrance } from './log-entrance.ts'
import type { PublishToLog } from './log-intake.ts'
import { runSource, type SourceRun } from './run-source.ts'
import type { Incoming } from './source.ts'
import { OriginInMemory, unreachable } from './testing/origin-in-memory.ts'

const limits = { backoffMsMin: milliseconds(5), backoffMsMax: milliseconds(20) }

function message(payload: string, eventId?: string): Incoming {
  const named = eventId === undefined ? {} : { eventId }
  return { topic: 'a/b', payload: Buffer.from(payload), qos: 1, retain: false, properties: {}, ...named }
}

function run(log: MessageLog, source: OriginInMemory, publish?: PublishToLog): WatchedRun<SourceRun> {
  const entrance = openLogEntrance(log, systemClock, 'origin')
  return watched((onChange) =>
    runSource({
      ...{ log, source, limits, onChange, publish: publish ?? entrance.publish },
      ...{ clock: systemClock, random: seededRandom(1), signal: new AbortController().signal },
    }),
  )
}

/** What the log has, in its order, each with its event id. */
async function contents(log: MessageLog): Promise<readonly (readonly [string, string | undefined])[]> {
  return (await publishesIn(log)).map(({ payload, userProperties }) => [payload.toString(), eventIdOf(userProperties)])
}

describe('a source', { timeout: 20_000 }, () => {
  it('tells its origin only what the log has durably, in order and under its names', async () => {
    const commits: (() => void)[] = []
    await using log = createMemoryLog({ own: partition(3), schedule: (flush) => commits.push(flush) })
    const origin = new OriginInMemory()
    await using watched = run(log, origin)
    await watched.until(({ state }) => state.kind === 'running')
    origin.send(message('1', 'x/1'), message('2'), message('3', 'x/3'))
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([origin.done, watched.run.view().written, commits.length], [[], 0, 1])
    for (const commit of commits) commit()
    await watched.run[Symbol.asyncDispose]()
    assert.deepEqual(origin.done, ['1', '2', '3'])
    assert.equal(watched.run.view().written, 3)
    assert.deepEqual(await contents(log), [
      ['1', 'x/1'],
      ['2', undefined],
      ['3', 'x/3'],
    ])
  })

  it('has what comes again under a name once, while it is under way, afterwards, and after a new start', async () => {
    await using log = contractLog()
    const origin = new OriginInMemory()
    {
      await using watched = run(log, origin)
      origin.send(message('1', 'x/1'), message('1', 'x/1'))
      await origin.until(2)
      origin.send(message('1', 'x/1'))
      await origin.until(3)
      assert.deepEqual([watched.run.view().written, watched.run.view().duplicates], [1, 2])
    }
    await using again = run(log, origin)
    origin.send(message('1', 'x/1'), message('2', 'x/2'))
    await origin.until(5)
    assert.deepEqual([again.run.view().written, again.run.view().duplicates], [1, 1])
    assert.deepEqual(await contents(log), [
      ['1', 'x/1'],
      ['2', 'x/2'],
    ])
  })

  it('goes on by itself where the origin was away or the log took nothing, and nothing is lost', async () => {
    await using log = contractLog()
    const origin = new OriginInMemory()
    using entrance = openLogEntrance(log, systemClock, 'origin')
    let refusals = 2
    const publish: PublishToLog = (one) => (refusals-- > 0 ? Promise.resolve(false) : entrance.publish(one))
    origin.break(unreachable)
    await using watched = run(log, origin, publish)
    const away = await watched.until(({ state }) => state.kind === 'lagging')
    assert.match(away.lastError ?? '', /the origin is away/)
    origin.break(undefined)
    origin.send(message('1'))
    await origin.until(1)
    assert.match(watched.run.view().lastError ?? '', /the log takes nothing now/)
    assert.deepEqual(await contents(log), [['1', undefined]])
  })

  it('stays failed until it is resumed where trying again does not help, and where it was paused', async () => {
    await using log = contractLog()
    const origin = new OriginInMemory()
    origin.break(new HawserError('SINK_REFUSED', 'bad password'))
    await using watched = run(log, origin)
    await watched.until(({ state }) => state.kind === 'failed' && state.reason === 'bad password')
    origin.break(undefined)
    watched.run.resume()
    await watched.until(({ state }) => state.kind === 'running')
    watched.run.pause()
    await watched.until(({ state }) => state.kind === 'paused')
    origin.send(message('1'))
    assert.deepEqual(await contents(log), [])
    watched.run.resume()
    await origin.until(1)
    assert.deepEqual(await contents(log), [['1', undefined]])
  })

  it('passes over what is larger than a record may be, and says so', async () => {
    await using log = contractLog({ recordBytesMax: 1_000 })
    const origin = new OriginInMemory()
    await using watched = run(log, origin)
    origin.send(message('x'.repeat(2_000)), message('1'))
    await origin.until(2)
    const view = watched.run.view()
    assert.deepEqual([view.written, view.deadLetters], [1, 1])
    assert.match(view.lastError ?? '', /^a\/b: .*over the log's limit/)
  })
})
