/** `hawser chaos` breaks nodes on one data folder, and its exit code, lines and report say what came of it. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { runHawserProcess } from '../../packages/cli/src/testing/running-hawser.ts'
import { startHawser } from '../support/hawser-process.ts'
import { until } from '../workers/two-workers.ts'
import { startChaos } from './run-chaos.ts'

const timeout = 240_000
const short = ['--nodes', '2', '--rounds', '2', '--rate', '300', '--seed', '1']

describe('hawser chaos', () => {
  it('kills nodes on one data folder, and the books of every form are even', { timeout }, async () => {
    await using run = await startChaos(async () => [...short, '--fault', 'kill'])
    const { ended, summary, html } = await run.result()
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    const lines = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepEqual([lines[0]?.['event'], lines.at(-1)?.['event'], lines.at(-1)?.['ok']], ['started', 'ended', true])
    assert.equal(lines.filter(({ event }) => event === 'injected').length, 2)
    assert.deepEqual(
      summary.cases.map(({ form, evenRounds }) => [form, evenRounds]),
      ['qos1', 'qos2', 'retained', 'will', 'session', 'shared'].map((form) => [form, 2]),
    )
    for (const { acknowledged, recoveryMs, form } of summary.cases) {
      assert.ok(acknowledged > 0 && recoveryMs !== undefined, `${form} had load, and went on`)
    }
    assert.match(html, /The books are even/)
    assert.match(html, /<rect /)
    assert.doesNotMatch(html, /<script|src=|href=/)
    assert.deepEqual(
      (await readdir(run.folder)).filter((name) => name.startsWith('hawser-chaos')),
      [],
      'its data folder and its lock are gone',
    )
  })

  it('breaks whatever can be broken here, and names what cannot', { timeout }, async () => {
    await using run = await startChaos(async () => {
      return ['--nodes', '2', '--form', 'qos1,qos2', '--rounds', '1', '--hold', '1', '--clients', '50', '--seed', '4']
    })
    const { ended, summary } = await run.result()
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    const done = new Set(summary.cases.map(({ fault }) => fault))
    const notHere = new Map(summary.notHere.map(({ fault, why }) => [fault, why]))
    for (const fault of ['kill', 'freeze', 'rolling', 'clock', 'storm', 'slow']) assert.ok(done.has(fault), fault)
    assert.match(notHere.get('partition') ?? '', /no servers/)
    assert.equal(done.has('disk'), !notHere.has('disk'), 'a disk is filled, or there is a reason')
  })

  it('kills processes behind one address', { timeout }, async () => {
    await using run = await startChaos(async () => {
      return ['--workers', '2', '--fault', 'kill', '--form', 'qos1,session', '--rounds', '2', '--seed', '2']
    })
    const { ended, summary } = await run.result()
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    assert.match(ended.stdout, /"what":"worker \d killed/)
    assert.deepEqual(
      summary.cases.map(({ form, evenRounds }) => [form, evenRounds]),
      [
        ['qos1', 2],
        ['session', 2],
      ],
    )
  })

  it('thaws what it froze when it is interrupted', { timeout }, async () => {
    await using data = await temporaryFolder()
    await using broker = await startHawser({ dataDir: data.path })
    const state = (): string => /\) (\w)/.exec(readFileSync(`/proc/${broker.pid}/stat`, 'utf8'))?.[1] ?? ''
    await using run = await startChaos(async (folder) => {
      const file = join(folder, 'faults.yaml')
      const faults = [
        `name: pause`,
        `inject: kill -STOP ${broker.pid}`,
        `undo: kill -CONT ${broker.pid}`,
        `hold_seconds: 600`,
      ]
      await writeFile(file, `faults:\n  - ${faults.join('\n    ')}\n`)
      return [
        '--target',
        `mqtt://127.0.0.1:${broker.port}`,
        '--faults-file',
        file,
        '--fault',
        'pause',
        '--form',
        'qos1',
      ]
    })
    await run.process.prints(/"event":"injected"/)
    // The signal is sent; its threads stop one by one.
    await until('the broker is frozen', () => state() === 'T')
    const second = await runHawserProcess(['chaos', '--fault', 'storm'], { TMPDIR: run.folder })
    assert.deepEqual([second.code, /another hawser chaos runs here/.test(second.stderr)], [2, true])
    run.process.kill('SIGINT')
    const { ended, summary } = await run.result()
    assert.notEqual(state(), 'T')
    assert.equal(ended.code, 1, ended.stderr)
    assert.match(summary.reason ?? '', /interrupted/)
  })

  it('leaves no process behind when it is killed while one is frozen', { timeout }, async () => {
    await using run = await startChaos(async () => ['--nodes', '2', '--fault', 'freeze', '--form', 'qos1'])
    await run.process.prints(/"event":"injected"/)
    assert.equal(processesOf(run.folder).length, 2)
    run.process.kill('SIGKILL')
    await until('its nodes are gone', () => processesOf(run.folder).length === 0)
  })
})

/** Those that were told of a place below the folder, but for the run itself. */
const processesOf = (folder: string): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandOf(pid).includes(`--data-dir\0${folder}`))

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
