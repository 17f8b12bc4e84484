import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Finished, Running } from '../support/programs.ts'
import { type Broker, skipReason, startBounded, startBroker } from './broker.ts'
import { fileContent, publishCases } from './publish-cases.ts'
import { complaintLines, ours, placed, type Side, sides, theirs } from './sides.ts'
import { proxyUser, type SocksProxy, startSocksProxy } from './socks-proxy.ts'

/** So many clients publish at once. */
const parallel = 12
const seenFormat = '%t|%q|%r|%l|%x|%F|%E|%C|%R|%D|%P'

describe('pub sends what mosquitto_pub sends', { skip: skipReason }, () => {
  const resources = new AsyncDisposableStack()
  const outcomes = new Map<Side, Finished[]>()
  let broker: Broker
  let proxy: SocksProxy
  let seen: readonly string[] = []

  /** A third client sees what both sides have sent; each on topics of its own. */
  before(async () => {
    broker = resources.use(await startBroker())
    proxy = resources.use(await startSocksProxy())
    await writeFile(join(broker.places.FOLDER, 'input'), fileContent)
    await writeFile(join(broker.places.FOLDER, 'empty'), '')
    await writeDefaults(broker.places.FOLDER)
    const watcher = await watch(broker)
    const jobs = sides.flatMap((side) => publishCases.map((_, index) => ({ side, index })))
    for (const side of sides) outcomes.set(side, [])
    const runNext = async (): Promise<void> => {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        const results = outcomes.get(job.side) ?? []
        results[job.index] = await run(job.side, job.index)
      }
    }
    await Promise.all(Array.from({ length: parallel }, runNext))
    await theirs.run('pub', ['-p', broker.places.PORT, '-t', 'end', '-m', 'end', '-q', '2'])
    await watcher.printed('\nend|2')
    watcher.kill('SIGTERM')
    seen = (await watcher.finished).stdout.split('\n')
  })
  after(() => resources.disposeAsync())

  const run = async (side: Side, index: number): Promise<Finished> => {
    const publishCase = publishCases[index]
    assert.ok(publishCase)
    const { args, stdin, env = {} } = publishCase
    const known = placed(args, broker.places, side).map((arg) =>
      arg.replace('{case}', `${index}`).replace('{SOCKS}', `${proxy.port}`),
    )
    const placedAt = ['-p', '--unix', '-L'].some((flag) => known.includes(flag))
    const environment = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replace('{FOLDER}', broker.places.FOLDER)]),
    )
    return side.run('pub', [...(placedAt ? [] : ['-p', broker.places.PORT]), ...known], stdin, environment)
  }

  for (const [index, { args }] of publishCases.entries()) {
    it(`pub ${args.join(' ')}`, () => {
      const [expected, actual] = [theirs, ours].map((side) => {
        const finished = outcomes.get(side)?.[index]
        assert.ok(finished, 'it has not run')
        const messages = seen.filter((line) => line.startsWith(`${side.name}/${index}|`))
        return {
          code: finished.code,
          stdout: finished.stdout.replaceAll(side.name, ''),
          complaints: complaintLines(finished.stderr),
          messages: messages.map((line) => line.replace(side.name, '')),
        }
      })
      assert.deepEqual(actual, expected)
      if (args.includes('-m')) assert.notEqual(expected?.messages.length, 0, 'nobody has seen a message')
    })
  }

  it('goes through the proxy, with and without a password', () => {
    assert.deepEqual(proxy.users.toSorted(), ['', '', proxyUser.name, proxyUser.name])
  })
})

async function watch(broker: Broker): Promise<Running> {
  const filters = ['-t', 'theirs/#', '-t', 'ours/#', '-t', 'end', '-q', '2', '--retain-as-published']
  const version = ['-V', '5', '-D', 'connect', 'receive-maximum', '65535']
  const watcher = startBounded('mosquitto_sub', [
    ...['-p', broker.places.PORT, '-i', 'watcher', ...filters, ...version, '-F', seenFormat],
  ])
  await broker.subscribed('watcher')
  return watcher
}

/** The file of default flags, in both of the places where it is looked for. */
async function writeDefaults(folder: string): Promise<void> {
  await mkdir(join(folder, '.config'), { recursive: true })
  for (const path of [join(folder, 'mosquitto_pub'), join(folder, '.config', 'mosquitto_pub')]) {
    await writeFile(path, '# defaults\n-q 2\n-r\n-p 1\n')
  }
}
