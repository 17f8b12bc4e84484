/** A broker that forgets is found out: a Mosquitto without persistence that is killed. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { asyncDisposable } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { freePort } from '../servers/free-port.ts'
import { skipWithoutMosquitto } from '../servers/mosquitto.ts'
import { start } from '../support/programs.ts'
import { startChaos } from './run-chaos.ts'

const timeout = 120_000

describe('hawser chaos of a broker that forgets', { skip: skipWithoutMosquitto }, () => {
  it('ends with 1 and names what is lost', { timeout }, async () => {
    await using place = await temporaryFolder()
    const port = await freePort()
    const [conf, pidFile] = [join(place.path, 'mosquitto.conf'), join(place.path, 'pid')]
    await writeFile(
      conf,
      [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'user root', `pid_file ${pidFile}`, ''].join('\n'),
    )
    const mosquitto = `/usr/sbin/mosquitto -d -c ${conf} && until [ -s ${pidFile} ]; do sleep 0.05; done`
    await start('sh', ['-c', mosquitto]).finished
    await using _ended = asyncDisposable(async () => {
      process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL')
    })
    await using run = await startChaos(async (folder) => {
      const file = join(folder, 'faults.yaml')
      const lines = [`inject: kill -9 $(cat ${pidFile}); rm ${pidFile}`, `undo: ${mosquitto}`, 'hold_seconds: 0.2']
      await writeFile(file, `faults:\n  - name: kill\n    ${lines.join('\n    ')}\n`)
      const matrix = ['--faults-file', file, '--fault', 'kill', '--form', 'qos1,qos2,retained', '--rounds', '1']
      return ['--target', `mqtt://127.0.0.1:${port}`, ...matrix, '--settle', '2', '--seed', '3']
    })
    const { ended, summary, html } = await run.result()
    assert.equal(ended.code, 1, ended.stderr)
    assert.deepEqual(
      summary.cases.map(({ form, problems }) => [form, problems.lost > 0]),
      ['qos1', 'qos2', 'retained'].map((form) => [form, true]),
    )
    assert.match(summary.reason ?? '', /kill × qos1/)
    assert.match(html, /The books are not even/)
    assert.match(html, /was acknowledged and did not come to receiver-/)
  })
})
