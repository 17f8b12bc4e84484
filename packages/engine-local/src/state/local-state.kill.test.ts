/** Writers are killed at any instant; what they were told is written is there, whole, and an idle process goes on. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'

const kills = 25
const acknowledgementsMax = 400
const seed = 7
const childPath = fileURLToPath(new URL('./testing/child.ts', import.meta.url))

function start(role: 'writer' | 'survivor', folder: string) {
  const child = spawn(process.execPath, [childPath, role, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** Runs a writer until it has acknowledged so much, kills it, and notes all that it had acknowledged by then. */
async function writeAndKill(folder: string, acknowledgements: number, acknowledged: Map<string, number>) {
  const { child, lines } = start('writer', folder)
  let seen = 0
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const [pair = '', count] = line.value.split(' ')
    acknowledged.set(pair, Number(count))
    if (++seen === acknowledgements) child.kill('SIGKILL')
  }
  await ended(child)
  assert.equal(child.signalCode, 'SIGKILL', 'the writer must not end by itself')
}

it(`${kills} killed writers lose nothing acknowledged, tear no write, and leave an idle process working`, async () => {
  await using folder = await temporaryFolder()
  const random = seededRandom(seed)
  const acknowledged = new Map<string, number>()
  const survivor = start('survivor', folder.path)
  try {
    assert.equal((await survivor.lines.next()).value, 'ready')
    for (let round = 0; round < kills; round++) {
      await writeAndKill(folder.path, 1 + random.integer(acknowledgementsMax), acknowledged)
      survivor.child.stdin.write(`${round}\n`)
      const { rows, answer } = JSON.parse((await survivor.lines.next()).value ?? 'null')
      assert.equal(answer, 'applied')
      for (const [pair, count] of acknowledged) {
        const stored = Number(rows[`${pair}/left`])
        assert.equal(rows[`${pair}/right`], rows[`${pair}/left`], 'both rows of a pair are written or none')
        assert.ok(stored === count || stored === count + 1, `pair ${pair}: ${count} acknowledged, ${stored} stored`)
        acknowledged.set(pair, stored)
      }
    }
  } finally {
    survivor.child.stdin.end()
    await ended(survivor.child)
  }
  assert.equal(survivor.child.exitCode, 0)
})
