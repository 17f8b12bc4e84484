import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { LogId } from '@hawser/engine'
import { createMemoryState } from '@hawser/engine/memory'
import { milliseconds, systemClock } from '@hawser/std'
import { ManualClock, temporaryFolder } from '@hawser/std/testing'
import type { Connector } from '../connector.ts'
import { append, appendMany, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { connectorContract, type SinkRow, type SinkUnderTest } from '../contract/mod.ts'
import { ruledConnector } from '../rules/ruled-connector.ts'
import type { RuleSettings } from '../rules/settings.ts'
import { killAgain } from '../testing/kill-again.ts'
import { type FileConnectorOptions, fileConnector } from './mod.ts'

interface Line {
  readonly event_id: string
  readonly topic: string
  readonly payload?: unknown
  readonly payload_text?: string
  readonly payload_base64?: string
}

const onTidyError = (error: unknown): void => assert.ifError(error)

function connectorAt(
  folder: string,
  filters: readonly string[],
  options: Partial<FileConnectorOptions> = {},
): Connector {
  return fileConnector({ folder, filters, clock: systemClock, onTidyError, ...options })
}

const messageFiles = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => /^messages-.*(json|gz)$/.test(name)).sort()

const sequencesOf = async (folder: string): Promise<number[]> => [
  ...new Set((await messageFiles(folder)).map((name) => Number(name.slice(9, 15)))),
]

async function linesOf(folder: string): Promise<Line[]> {
  const names = await messageFiles(folder)
  // Between compressing and deleting, a file is there twice.
  const texts = names
    .filter((name) => !names.includes(`${name}.gz`))
    .map(async (name) => {
      const bytes = await readFile(join(folder, name))
      return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    })
  const lines = (await Promise.all(texts)).join('').split('\n')
  assert.equal(lines.pop(), '', 'the last line is complete')
  return lines.map((line) => JSON.parse(line))
}

async function fileUnderTest(): Promise<SinkUnderTest> {
  const home = await temporaryFolder()
  const folder = join(home.path, 'logs')
  const [real, other] = [join(home.path, 'real'), join(home.path, 'other')]
  await mkdir(real)
  await symlink(real, folder)
  const limits = { fileBytesMax: 4_000, filesMax: 1_000 }
  let wasAway = false
  return {
    // While the folder is away nothing in it can be compressed, and that is told.
    connector: (filters) =>
      connectorAt(folder, filters, { limits, onTidyError: (error) => assert.ok(wasAway, String(error)) }),
    // In one step, so that no folder is made anew between: a file where the link to it was.
    fail: async () => {
      wasAway = true
      await writeFile(other, '')
      await rename(other, folder)
    },
    mend: async () => {
      await symlink(real, other)
      await rename(other, folder)
    },
    rows: async (logId) => (await linesOf(folder)).flatMap((line) => rowOf(logId, line)),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  }
}

function rowOf(logId: LogId, line: Line): SinkRow[] {
  const [id, partition, position] = line.event_id.split('/')
  return id === logId ? [{ partition: Number(partition), position: Number(position), topic: line.topic }] : []
}

connectorContract({ name: 'file', open: fileUnderTest })

describe('rotating logger', () => {
  it('keeps payloads as JSON byte for byte, as text, or as base64', async () => {
    await using home = await temporaryFolder()
    await using log = contractLog()
    append(log, 't/a', '{"big": 9007199254740993,\r\n "one": 1.0}')
    append(log, 't/a', 'NaN')
    append(log, 't/a', Buffer.from([0xff, 0x00]))
    await committed(log)
    await using watched = watch(log, connectorAt(home.path, ['t/a']))
    await watched.until((view) => view.written === 3 && isCaughtUp(view))
    const text = await readFile(join(home.path, 'messages-000001.ndjson'), 'utf8')
    assert.match(text, /"payload":\{"big": 9007199254740993, {3}"one": 1\.0\}\}\n/)
    const [json, plain, binary] = await linesOf(home.path)
    assert.equal(json?.event_id, `${log.id}/3/0`)
    assert.equal(plain?.payload_text, 'NaN')
    assert.equal(binary?.payload_base64, '/wA=')
  })

  it('rotates by size, compresses what is full, and keeps the newest files only', async () => {
    await using home = await temporaryFolder()
    await using log = contractLog()
    appendMany(log, 400)
    await committed(log)
    const limits = { fileBytesMax: 3_000, filesMax: 4 }
    {
      await using watched = watch(log, connectorAt(home.path, ['t/a'], { limits }))
      await watched.until((view) => view.written === 200 && isCaughtUp(view))
    }
    const last = Math.max(...(await sequencesOf(home.path)))
    assert.ok(last > 8)
    {
      await using again = watch(log, connectorAt(home.path, ['t/a'], { limits }))
      append(log, 't/a', `"${'x'.repeat(3_000)}"`)
      await again.until((view) => view.written === 1 && isCaughtUp(view))
    }
    assert.deepEqual(await sequencesOf(home.path), [last - 2, last - 1, last, last + 1])
    const compressed = (await messageFiles(home.path)).filter((name) => name.endsWith('.gz'))
    assert.ok(compressed.length > 0)
  })

  it('begins a new file with each span of time', async () => {
    await using home = await temporaryFolder()
    await using log = contractLog()
    const clock = new ManualClock(86_400_000_000 * 3)
    const limits = { fileAgeMsMax: milliseconds(60_000) }
    await using watched = watch(log, connectorAt(home.path, ['t/a'], { clock, limits }))
    for (let minute = 1; minute <= 3; minute++) {
      append(log, 't/a', '1')
      append(log, 't/a', '2')
      await watched.until((view) => view.written === minute * 2 && isCaughtUp(view))
      clock.advance(60_000)
    }
    await watched[Symbol.asyncDispose]()
    assert.deepEqual(await sequencesOf(home.path), [1, 2, 3])
    assert.equal((await linesOf(home.path)).length, 6)
  })

  it('refuses a file that is shorter than what was written, and files without a checkpoint', async () => {
    await using home = await temporaryFolder()
    await using log = contractLog()
    appendMany(log, 10)
    await committed(log)
    const connector = connectorAt(home.path, ['t/a'])
    {
      await using watched = watch(log, connector)
      await watched.until((view) => view.written === 5 && isCaughtUp(view))
    }
    const { signal } = new AbortController()
    await writeFile(join(home.path, 'messages-000001.ndjson'), '')
    await assert.rejects(connector.open(log.id, signal), { code: 'DATA_CORRUPT' })
    await rm(join(home.path, '.checkpoint.json'))
    await assert.rejects(connector.open(log.id, signal), { code: 'DATA_CORRUPT' })
  })

  it('takes what a rule had failed on, once the rules let it through, and goes on behind it', async () => {
    await using home = await temporaryFolder()
    await using log = contractLog()
    const state = createMemoryState()
    const ruled = (...rules: readonly RuleSettings[]) =>
      watch(log, ruledConnector(connectorAt(home.path, ['t/a']), { rules, unmatched: 'pass' }, state))
    append(log, 't/a', 'no json')
    await committed(log)
    {
      await using watched = ruled({ name: 'small', keep: ['v'] })
      await watched.until((view) => view.deadLetters === 1 && isCaughtUp(view))
    }
    {
      await using watched = ruled()
      await watched.until(isCaughtUp)
      append(log, 't/a', 'meanwhile')
      assert.deepEqual(await watched.run.replay(), { written: 1, refused: 0, gone: 0 })
      await watched.until((view) => view.written === 1 && isCaughtUp(view))
      assert.deepEqual(await watched.run.deadLetters(10), [])
    }
    await using again = ruled()
    append(log, 't/a', 'later')
    await again.until((view) => view.written === 1 && isCaughtUp(view))
    const texts = (await linesOf(home.path)).map((line) => line.payload_text).toSorted()
    assert.deepEqual(texts, ['later', 'meanwhile', 'no json'])
  })

  it('has no line missing and none twice after kills at any instant', async () => {
    await using home = await temporaryFolder()
    const [logId, messages] = ['killed', 6_000]
    const killed = await killAgain({ kind: 'file', target: home.path, logId, messages, kills: 8 })
    assert.ok(killed >= 4, `${killed} killed`)
    const ids = (await linesOf(home.path)).map((line) => line.event_id)
    assert.deepEqual(
      ids,
      Array.from({ length: messages / 2 }, (_, index) => `${logId}/3/${index * 2}`),
    )
  })
})
