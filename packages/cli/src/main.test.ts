import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { runHawser } from './main.ts'
import { capture } from './testing/capture.ts'

describe('hawser', () => {
  it('lists every command', async () => {
    const { io, stdout } = capture()
    assert.equal(await runHawser(['--help'], io), 0)
    const width = Math.max(...commands.map(({ name }) => name.length))
    for (const { name, summary } of commands) assert.ok(stdout().includes(`  ${name.padEnd(width)}  ${summary}`), name)
  })

  for (const { name, summary, load } of commands) {
    it(`${name} --help has a usage and examples, and the list tells the truth`, async () => {
      const command = await load()
      assert.deepEqual([command.name, command.summary], [name, summary])
      const { io, stdout } = capture()
      assert.equal(await runHawser([name, '--help'], io), 0)
      assert.match(stdout(), new RegExp(`^Usage: hawser ${name}`))
      assert.match(stdout(), /\nExamples:\n {2}\S/)
    })
  }

  it('names the command that was probably meant', async () => {
    const { io, stderr } = capture()
    assert.equal(await runHawser(['brokr'], io), 2)
    assert.equal(stderr(), 'hawser: unknown command "brokr"; did you mean "broker"?\n')
  })

  it('prints one line for a failure, and ends with its code', async () => {
    const command: Command = {
      name: 'fail',
      summary: '',
      help: '',
      run: async () => {
        throw new HawserError('DISK_FULL', 'no room', { mend: 'make some' })
      },
    }
    const { io, stderr } = capture()
    assert.equal(await runHawser(['fail'], io, [{ ...command, load: async () => command }]), 6)
    assert.equal(stderr(), 'hawser: no room; make some\n')
  })
})
