import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readOwn } from '@hawser/engine/contract'
import { type Random, seededRandom, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { laneFolderName } from './format.ts'
import { openLocalLog } from './local-log.ts'

const kills = 52
const acknowledgedPerLifeMax = 3000
const checkEvery = 13
const script = (name: string): string => fileURLToPath(new URL(`./testing/${name}`, import.meta.url))

/** When a life ends: at once when it says that it opens the log, or after so many acknowledged records. */
const chooseDeath = (random: Random): number => (random.integer(5) === 0 ? -1 : random.integer(acknowledgedPerLifeMax))

/** Lets a process append until `deathAfter` records are acknowledged, kills it, and answers all that it had said. */
async function oneLife(
  folder: string,
  generation: number,
  deathAfter: number,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const child = spawn(process.execPath, [script('append-until-killed.ts'), folder, String(generation)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)))
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    const acknowledged = said.length - 2
    if (acknowledged >= deathAfter) child.kill('SIGKILL')
  }
  assert.equal(await exited, 'SIGKILL', said.at(-1))
  return said.filter((line) => line.includes(' '))
}

it(`loses nothing acknowledged and invents nothing, killed ${kills} times at any instant`, async (test) => {
  await using root = await temporaryFolder()
  const folder = join(root.path, 'log')
  const acknowledged = join(root.path, 'acknowledged')
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root.path, 'compiled') }
  writeFileSync(acknowledged, '')
  const random = seededRandom(20)
  let count = 0
  const check = async (): Promise<number> => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      script('check-log.ts'),
      join(folder, laneFolderName(0)),
      acknowledged,
    ])
    return Number(/^ok (\d+)$/m.exec(stdout)?.[1])
  }
  for (let generation = 0; generation < kills; generation++) {
    const lines = await oneLife(folder, generation, chooseDeath(random), env)
    count += lines.length
    appendFileSync(acknowledged, lines.map((line) => `${line}\n`).join(''))
    if (generation % checkEvery === checkEvery - 1) await check()
  }
  assert.ok(count > kills * 100, `only ${count} records were acknowledged`)
  await using log = await openLocalLog({ folder, clock: systemClock })
  const stored = await readOwn(log)
  assert.equal(stored.length, await check())
  test.diagnostic(`${kills} kills, ${count} records acknowledged, ${stored.length} stored`)
})
