/** `hawser connector` against a real `hawser up` with a file as its sink. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ConnectorSnapshot } from '@hawser/admin'
import { milliseconds, sleep, systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { runHawserProcess, startHawser } from '../src/testing/running-hawser.ts'

const configuration = 'scenarios: []\nconnectors: [{ kind: file, name: raw, filters: [t/+] }]\n'

describe('hawser connector', { timeout: 120_000 }, () => {
  it('lists, shows, pauses, moves and resumes', async ({ signal }) => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'hawser.yaml')
    await writeFile(file, configuration)
    const dataDir = join(folder.path, 'data')
    const ports = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
    await using hawser = startHawser(['up', ...ports, '--config', file, '--data-dir', dataDir])
    const [, port = ''] = await hawser.prints(/npx hawser pub -p (\d+)/)
    const [, httpPort = ''] = await hawser.prints(/http:\/\/[\d.]+:(\d+)/)
    const tell = (...words: string[]) =>
      runHawserProcess(['connector', ...words, '--http-port', httpPort, '--data-dir', dataDir])
    const told = async (...words: string[]): Promise<string> => {
      const { code, stdout, stderr } = await tell(...words)
      assert.equal(code, 0, `${words.join(' ')}: ${stderr}`)
      return stdout
    }
    const shown = async (): Promise<ConnectorSnapshot> => JSON.parse(await told('show', 'raw', '--json'))
    const shownWhen = async (wanted: (connector: ConnectorSnapshot) => boolean): Promise<ConnectorSnapshot> => {
      for (;;) {
        const connector = await shown()
        if (wanted(connector)) return connector
        await sleep(systemClock, milliseconds(50), signal)
      }
    }
    const publish = (payload: string) => runHawserProcess(['pub', '-p', port, '-q', '1', '-t', 't/a', '-m', payload])

    await publish('first')
    await shownWhen(({ written, lag }) => written === 1 && lag.messages === 0)
    await told('pause', 'raw')
    await publish('second')
    assert.equal((await shownWhen(({ lag }) => lag.messages > 0)).state, 'paused')
    assert.match(await told('list'), /raw +paused, \d+ behind, .*logger/)

    // The broker's own records may come behind the place that it was moved to.
    do await told('seek', 'raw', 'newest')
    while ((await shownWhen(({ lag }) => lag.messages <= 1)).lag.messages > 0)
    assert.equal((await shown()).state, 'paused')
    await told('resume', 'raw')
    await publish('third')
    await shownWhen(({ written, lag }) => written === 2 && lag.messages === 0)
    await told('seek', 'raw', '--seconds-ago', '3600')
    const again = await shownWhen(({ written, lag }) => written === 5 && lag.messages === 0)
    assert.deepEqual([again.state, again.deadLetters, again.lost], ['running', 0, 0])

    const text = await told('show', 'raw')
    assert.match(text, /written +5, \d+\/s/)
    assert.match(text, /last minute +[\d.]+\/s, \d+ bytes\/s\n *last 5 minutes .*\n *bytes +26\n/)
    assert.match(text, /time of sink +p50 [\d.]+ ms, p99 [\d.]+ ms a batch\n *retries +0\n *errors +none\n/)
    assert.equal(await told('dead-letters', 'raw'), 'no dead letters\n')
    assert.equal(await told('dead-letters', 'raw', 'replay'), '0 written, 0 refused again, 0 no longer in the log\n')
    const nowhere = await tell('seek', 'raw', '--position', '0:999999')
    assert.equal(nowhere.code, 8)
    assert.match(nowhere.stderr, /the log has no position 999999 in partition 0/)
    assert.match((await tell('pause', 'none')).stderr, /no connector is called none/)
    assert.match((await tell('show', 'none')).stderr, /no connector is called none; there are raw/)
  })

  it('says how it is used where it is told nonsense', async () => {
    for (const words of [
      [],
      ['stop', 'raw'],
      ['pause'],
      ['pause', 'raw', 'now'],
      ['seek', 'raw'],
      ['seek', 'raw', 'middle'],
    ]) {
      assert.equal((await runHawserProcess(['connector', ...words])).code, 2, words.join(' '))
    }
  })
})
