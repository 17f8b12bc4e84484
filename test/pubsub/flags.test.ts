import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { publishFlags } from '../../packages/cli/src/pubsub/flags/publish-flags.ts'
import { subscribeFlags } from '../../packages/cli/src/pubsub/flags/subscribe-flags.ts'
import { skipReason } from './broker.ts'
import { theirs } from './sides.ts'

const tables = [
  { client: 'pub', flags: publishFlags },
  { client: 'sub', flags: subscribeFlags },
] as const

describe('flags', { skip: skipReason }, () => {
  for (const { client, flags } of tables) {
    describe(client, () => {
      let help = ''
      before(async () => {
        help = (await theirs.run(client, ['--help'])).stdout
      })

      it(`takes every flag that mosquitto_${client} --help names`, () => {
        const named = [...help.matchAll(/^ (--?[\w-]+) :/gm)].map(([, name]) => name)
        const known = new Set<string | undefined>(['--help', ...flags.flatMap(({ short, long }) => [short, long])])
        assert.ok(named.length > 40)
        assert.deepEqual(
          named.filter((name) => !known.has(name)),
          [],
        )
      })

      it('names each flag once', () => {
        const names = flags.flatMap(({ short, long }) => [short, long]).filter((name) => name !== undefined)
        assert.equal(new Set(names).size, names.length)
      })
    })
  }
})
