import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { seededRandom } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { freePort } from '../../../../test/servers/free-port.ts'
import { runHawser } from '../main.ts'
import { capture } from '../testing/capture.ts'
import { chosenFaults } from './chosen-faults.ts'
import { faultsOfFile } from './faults-file.ts'
import { missing } from './missing.ts'
import { chaosSettings } from './settings.ts'

async function chaos(...args: readonly string[]) {
  const captured = capture()
  const code = await runHawser(['chaos', ...args], captured.io)
  return { code, stderr: captured.stderr() }
}

describe('hawser chaos', () => {
  it('names what is wrong with its arguments, and ends with 2', async () => {
    const complaints: readonly (readonly [args: readonly string[], complaint: RegExp])[] = [
      [['--rounds', '0'], /--rounds 0 is out of bounds; give one from 1 to 10000/],
      [['--rate', '1000000'], /--rate 1000000 is out of bounds/],
      [['--clients', '20000'], /--clients 20000 is out of bounds/],
      [['--form', 'qos3'], /--form qos3 is not one of .*did you mean "qos1"/],
      [['--target', 'localhost'], /no address of a broker; write it as mqtt:/],
      [['--target', 'mqtt://a', '--nodes', '2'], /give one of them/],
      [['--target', 'mqtt://a', '--nats-server', 'x'], /give one of them/],
      [['--workers', '2', '--engine', 'nats://a'], /give one of them/],
      [['now'], /unexpected argument "now"/],
    ]
    for (const [args, complaint] of complaints) {
      const { code, stderr } = await chaos(...args)
      assert.match(stderr, complaint)
      assert.equal(code, 2, args.join(' '))
    }
  })

  it('ends with 8 where nobody listens', async () => {
    const port = await freePort()
    const { code, stderr } = await chaos('--target', `mqtt://127.0.0.1:${port}`, '--fault', 'storm')
    assert.match(stderr, /no connection to 127\.0\.0\.1:\d+: ECONNREFUSED; start it/)
    assert.equal(code, 8)
  })

  it('has a bound for all that it does', () => {
    const { rounds, ratePerSecond, nodes, clients, minutes } = chaosSettings(
      Object.fromEntries([]) as Parameters<typeof chaosSettings>[0],
      seededRandom(1),
    )
    assert.deepEqual(
      { rounds, ratePerSecond, nodes, clients, minutes },
      {
        ...{ rounds: 20, ratePerSecond: 500, nodes: 3, clients: 500, minutes: 60 },
      },
    )
  })
})

describe('a file of faults', () => {
  it('is read with its bounds', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'faults.yaml')
    await writeFile(file, 'faults:\n  - { name: stop, inject: systemctl stop x, undo: systemctl start x }\n')
    assert.deepEqual(await faultsOfFile(file), [
      { name: 'stop', inject: 'systemctl stop x', undo: 'systemctl start x', holdMs: 5_000, limitMs: 30_000 },
    ])
  })

  it('is refused by the place that is wrong', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'faults.yaml')
    for (const [text, complaint] of [
      ['faults: []', /faults: /],
      ['faults: [{ name: a b, inject: x }]', /faults\.0\.name: letters, digits, dots and hyphens/],
      ['faults: [{ name: a, inject: x, hold_seconds: 1e9 }]', /faults\.0\.hold_seconds/],
      ['faults: [{ name: a, inject: x, undone: y }]', /undone/],
      ['faults: [', /faults\.yaml: /],
    ] as const) {
      await writeFile(file, text)
      await assert.rejects(faultsOfFile(file), { code: 'CONFIG_INVALID', message: complaint })
    }
    await assert.rejects(faultsOfFile(join(folder.path, 'none')), { code: 'CONFIG_INVALID' })
  })
})

describe('the choice of faults', () => {
  const cannot = missing('disk', 'no root')
  const can = { ...missing('kill', ''), missing: undefined }

  it('goes on with what can be done, and refuses where nothing can', () => {
    assert.deepEqual(chosenFaults([cannot, can], undefined), [cannot, can])
    assert.throws(() => chosenFaults([cannot, can], ['disk']), { code: 'USAGE', message: /disk: no root/ })
    assert.throws(() => chosenFaults([cannot, can], ['kil']), { code: 'USAGE', mend: /kill/ })
  })

  it("takes a user's command for what could not be done", () => {
    const command = { ...can, name: 'disk' }
    assert.deepEqual(chosenFaults([command, cannot, can], ['disk']), [command])
  })
})
