import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { epochMicros, milliseconds, systemClock } from '@hawser/std'
import { factorySpecification } from '@hawser/streams'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { liveKpis } from './mod.ts'

const windowMicros = 60_000_000

describe('live KPIs', () => {
  it('come from messages of this run alone, and keep a bounded number of windows', async () => {
    await using log = contractLog()
    const start = Math.floor(systemClock.wallMicros() / windowMicros) * windowMicros
    const report = (atSeconds: number): void => {
      const timestamp = new Date((start + atSeconds * 1_000_000) / 1000).toISOString().slice(0, -1)
      const payload = { machine_id: 'M', timestamp, state: 'RUNNING', production_count: atSeconds }
      append(log, 'factory/machines/M/telemetry', JSON.stringify(payload), { appendTime: systemClock.wallMicros() })
    }
    report(0)
    await committed(log)
    const live = liveKpis({ specification: factorySpecification, windowsPerMachineMax: 2 })
    await using watched = watch(log, live.connector, { lingerMs: milliseconds(0) })
    await watched.until(isCaughtUp)
    assert.deepEqual(live.windows(), [])

    for (let atSeconds = 3; atSeconds < 60; atSeconds += 3) report(atSeconds)
    await watched.until((view) => view.written === 19 && isCaughtUp(view))
    const [first] = live.windows()
    assert.deepEqual([first?.machine, first?.final, first?.readings], ['M', false, 19])
    assert.equal(first?.values.availability, '1.000000')

    for (let atSeconds = 60; atSeconds < 240; atSeconds += 3) report(atSeconds)
    await watched.until((view) => view.written === 79 && isCaughtUp(view))
    assert.deepEqual(
      live.windows().map((window) => window.windowStart),
      [epochMicros(start + 3 * windowMicros), epochMicros(start + 4 * windowMicros)],
    )
  })
})
