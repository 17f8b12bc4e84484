import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ManualClock, temporaryFolder } from '@hawser/std/testing'
import { capture } from '../testing/capture.ts'
import { LogFile } from './log-file.ts'
import { fromLevel, type LogEntry, Logger } from './logger.ts'
import { terminalSink, wantsColor } from './terminal.ts'

describe('logging', () => {
  it('keeps what is at the level or above', () => {
    const entries: LogEntry[] = []
    const logger = new Logger(
      'core',
      new ManualClock(0),
      fromLevel('warn', (entry) => entries.push(entry)),
    )
    logger.info('little')
    logger.error('much', { port: 1883 })
    assert.deepEqual(entries, [
      { time: '1970-01-01T00:00:00.000Z', level: 'error', part: 'core', message: 'much', fields: { port: 1883 } },
    ])
  })

  it('writes a line for people, or JSON', () => {
    const { io, stdout } = capture()
    const logger = (format: 'text' | 'json') =>
      new Logger('core', new ManualClock(0), terminalSink(io.stdout, format, false))
    logger('text').warn('slow', { client: 'a' })
    logger('json').warn('slow')
    assert.equal(
      stdout(),
      '00:00:00 warn  core: slow client="a"\n{"time":"1970-01-01T00:00:00.000Z","level":"warn","part":"core","message":"slow"}\n',
    )
  })

  it('has no colour without a terminal, or with NO_COLOR', () => {
    const { io } = capture()
    const terminal = Object.assign(io.stdout, { isTTY: true })
    assert.equal(wantsColor(terminal, {}), true)
    assert.equal(wantsColor(terminal, { NO_COLOR: '1' }), false)
    assert.equal(wantsColor(capture().io.stdout, {}), false)
  })

  it('rotates its file by size, keeps so many, and goes on after a restart', async () => {
    await using folder = await temporaryFolder()
    const limits = { fileBytesMax: 300, filesMax: 3 }
    const write = (count: number): void => {
      using file = new LogFile(folder.path, limits)
      const logger = new Logger('core', new ManualClock(), (entry) => file.write(entry))
      for (let n = 0; n < count; n++) logger.info(`line ${n}`)
    }
    write(20)
    write(1)
    const names = readdirSync(folder.path).sort()
    assert.deepEqual(names, ['hawser.log', 'hawser.log.1', 'hawser.log.2'])
    for (const name of names) {
      const path = join(folder.path, name)
      assert.ok(statSync(path).size <= limits.fileBytesMax)
      assert.equal(statSync(path).mode & 0o777, 0o600)
      for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) JSON.parse(line)
    }
  })
})
