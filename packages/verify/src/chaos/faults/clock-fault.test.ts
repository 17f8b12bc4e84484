import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { clockEnvironment } from './clock-fault.ts'

const std = new URL('../../../../std/src/mod.ts', import.meta.url).href
/** Says the wall time each time it is asked. */
const asked = `const { systemClock } = await import(process.argv[1])
process.on('message', () => process.send([systemClock.wallMicros(), new Date().getTime() * 1000]))
process.send('there')`

it('a node sees its wall clock set while it runs, and set right again', { timeout: 60_000 }, async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'clock')
  const child = spawn(process.execPath, ['--input-type=module', '-e', asked, std], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...clockEnvironment(file) },
  })
  try {
    await once(child, 'message')
    const hoursOff = async (): Promise<string[]> => {
      child.send('?')
      const [answer] = (await once(child, 'message')) as [number[]]
      return answer.map((micros) => ((micros - systemClock.wallMicros()) / 3.6e9).toFixed(1))
    }
    const becomes = async (hours: number): Promise<void> => {
      await writeFile(file, `${hours * 3_600_000}`)
      const wanted = [hours, hours].map((value) => value.toFixed(1)).join()
      // The test's own limit ends it.
      while ((await hoursOff()).map((text) => text.replace('-0.0', '0.0')).join() !== wanted);
    }
    await becomes(1)
    await becomes(-1)
    await becomes(0)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  assert.ok(child.killed)
})
