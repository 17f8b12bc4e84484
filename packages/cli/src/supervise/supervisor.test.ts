import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Clock, systemClock } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import type { LogEntry } from '../logging/logger.ts'
import { restartLimits } from './supervised-part.ts'
import { Supervisor } from './supervisor.ts'
import { type PartDesk, partDesk } from './testing/part-desk.ts'
import { watchdogLimits } from './watchdog.ts'

const module = new URL('./testing/obedient-part.ts', import.meta.url)
const { signal } = new AbortController()

function supervise(desk: PartDesk, names: readonly string[], clock: Clock, watched = false) {
  const entries: LogEntry[] = []
  const heard = new EventTarget()
  const stopAll = Promise.withResolvers<void>()
  const supervisor = new Supervisor({
    parts: names.map((name, tier) => ({ name, module, task: { name, port: desk.port }, tier, watched })),
    clock,
    log: (entry) => {
      entries.push(entry)
      heard.dispatchEvent(new Event('entry'))
    },
    onStopAll: () => stopAll.resolve(),
  })
  const logged = async (pattern: RegExp): Promise<void> => {
    while (!entries.some(({ message }) => pattern.test(message))) await once(heard, 'entry')
  }
  return { supervisor, entries, logged, stopAll: stopAll.promise }
}

describe('supervisor', () => {
  it('starts the next tier when the first is ready, and tells the first how all are', async () => {
    await using desk = await partDesk()
    const { supervisor } = supervise(desk, ['core', 'device'], systemClock)
    const started = supervisor.start(signal)
    const core = await desk.next()
    assert.deepEqual(
      supervisor.parts().map(({ state }) => state),
      ['starting', 'stopped'],
    )
    core.say('ready')
    await started
    const device = await desk.next()
    assert.deepEqual([core.name, device.name], ['core', 'device'])
    device.say('ready')
    await core.hears(/^parts core=running device=running$/)
    assert.equal(await supervisor.stop(), true)
    await core.gone
    await device.gone
    assert.deepEqual(
      supervisor.parts().map(({ state, pid }) => [state, pid]),
      [
        ['stopped', null],
        ['stopped', null],
      ],
    )
  })

  it('starts a crashed part again, later each time, and says so', async () => {
    await using desk = await partDesk()
    const clock = new ManualClock()
    const { supervisor, logged } = supervise(desk, ['core'], clock)
    const started = supervisor.start(signal)
    const first = await desk.next()
    first.say('ready')
    await started
    first.say('crash')
    await logged(/^ended \(exit code 7\); starting it again in 0\.5 s$/)
    assert.equal(supervisor.parts()[0]?.state, 'backoff')
    clock.advance(restartLimits.backoffMsMin)
    const second = await desk.next()
    assert.notEqual(second.pid, first.pid)
    second.say('full')
    await logged(/^ended \(no room\); starting it again in 1 s$/)
    clock.advance(restartLimits.backoffMsMin)
    assert.equal(supervisor.parts()[0]?.state, 'backoff')
    clock.advance(restartLimits.backoffMsMin)
    assert.equal((await desk.next()).name, 'core')
    assert.equal(supervisor.parts()[0]?.restarts, 2)
    await supervisor.stop()
  })

  it('passes on the error of a first part that cannot start', async () => {
    await using desk = await partDesk()
    const { supervisor } = supervise(desk, ['core'], systemClock)
    const started = supervisor.start(signal)
    started.catch(() => {})
    ;(await desk.next()).say('full')
    await assert.rejects(started, { code: 'DISK_FULL', message: 'no room', mend: 'make some' })
    await supervisor.stop()
  })

  it('leaves alone what ended by itself', async () => {
    await using desk = await partDesk()
    const { supervisor, logged } = supervise(desk, ['core'], systemClock)
    const started = supervisor.start(signal)
    const core = await desk.next()
    core.say('ready')
    await started
    core.say('end')
    await logged(/^ended by itself$/)
    assert.equal(supervisor.parts()[0]?.state, 'stopped')
  })

  it('logs what a part logs and prints, and hears its wish to stop all', async () => {
    await using desk = await partDesk()
    const { supervisor, logged, stopAll } = supervise(desk, ['core'], systemClock)
    void supervisor.start(signal).catch(() => {})
    const core = await desk.next()
    core.say('print')
    await logged(/^a cry$/)
    core.say('log')
    await logged(/^a word$/)
    core.say('stop-all')
    await stopAll
    await supervisor.stop()
  })

  it('kills what does not end, and says so', async () => {
    await using desk = await partDesk()
    const clock = new ManualClock()
    const { supervisor, entries } = supervise(desk, ['core'], clock)
    const started = supervisor.start(signal)
    const core = await desk.next()
    core.say('ready')
    await started
    core.say('hang')
    const stopped = supervisor.stop()
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(10_000)
    assert.equal(await stopped, false)
    assert.ok(entries.some(({ message }) => /^did not end within 3 s and was killed$/.test(message)))
  })

  it('kills a part that is frozen, and starts it again', async () => {
    await using desk = await partDesk()
    const clock = new ManualClock()
    const { supervisor, logged } = supervise(desk, ['core'], clock, true)
    const started = supervisor.start(signal)
    const frozen = await desk.next()
    frozen.say('ready')
    await started
    frozen.say('freeze')
    clock.advance(watchdogLimits.askMs * (watchdogLimits.unansweredMax + 1))
    await logged(/^has not answered 8 times in a row and is killed$/)
    await frozen.gone
    await logged(/^ended \(signal SIGKILL\); starting it again in 0\.5 s$/)
    clock.advance(restartLimits.backoffMsMin)
    assert.notEqual((await desk.next()).pid, frozen.pid)
    await supervisor.stop()
  })

  it('takes its parts along when it is killed', async () => {
    await using desk = await partDesk()
    const script = fileURLToPath(new URL('./testing/lone-supervisor.ts', import.meta.url))
    const supervisor = spawn(process.execPath, [script, String(desk.port)], { stdio: 'inherit' })
    const part = await desk.next()
    part.say('ready')
    supervisor.kill('SIGKILL')
    await part.gone
  })
})
