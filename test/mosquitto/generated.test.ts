/** Whatever stands in a mosquitto.conf: it is told apart line by line, and what we would start on is sound in our own words. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { HawserError } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import fc from 'fast-check'
import { faultLine } from '../../packages/cli/src/config/fault.ts'
import { validate } from '../../packages/cli/src/config/validate.ts'
import { isStartable, type Option, options, planOf, readMosquittoConf } from '../../packages/mosquitto/src/mod.ts'

const seed = 20_260_401
const interfaces = { lo: [{ address: '127.0.0.1', family: 'IPv4' }] } as const

function anyValueOf({ argument }: Option): fc.Arbitrary<string> {
  switch (argument.kind) {
    case 'boolean':
      return fc.constantFrom('true', 'false', '0', '1', 'yes')
    case 'integer':
      return fc.oneof(
        fc.integer({ min: Math.max(argument.min, -2), max: Math.min(argument.max, 70_000) }).map(String),
        fc.constantFrom('0', '-1', '010', 'many'),
      )
    case 'word':
    case 'choice':
      return fc.constantFrom(...(argument.choices ?? ['lo', 'eth9', 'root']), 'nonsense')
    case 'duration':
      return fc.constantFrom('14d', '1y', '0s', '3')
    case 'text':
      return fc.oneof(
        fc.constantFrom('1883', '0 /run/x.sock', '8883 127.0.0.1', 'a/b', '3, 4'),
        fc.string({ maxLength: 12 }),
      )
    case 'unread':
      return fc.string({ maxLength: 8 })
    default:
      throw argument satisfies never
  }
}

const lineOf = fc
  .constantFrom(...options)
  .chain((option) => anyValueOf(option).map((value) => `${option.name} ${value}`))
/** Most lines are of the better half, so that some configurations can be started on. */
const likely = fc
  .constantFrom(...options.filter(({ verdict }) => verdict.kind !== 'refused'))
  .chain((option) => anyValueOf(option).map((value) => `${option.name} ${value}`))
const texts = fc
  .array(fc.oneof({ weight: 6, arbitrary: likely }, lineOf, fc.string({ maxLength: 30 })), { maxLength: 6 })
  .map((lines) => ['listener 1883', ...lines].join('\n'))

describe('a generated mosquitto.conf', () => {
  it('is read, and where it can be started on, our schema takes what it becomes', async () => {
    await using folder = await temporaryFolder()
    const file = `${folder.path}/mosquitto.conf`
    let started = 0
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        await writeFile(file, text)
        const conf = await readMosquittoConf(file)
        try {
          const { configuration } = planOf(conf, { resolve: (path) => `/cwd/${path}`, interfaces })
          assert.ok(isStartable(conf))
          started++
          const { faults } = validate(configuration, (path) => path.join('.'))
          assert.deepEqual(faults.map(faultLine), [], text)
        } catch (error) {
          if (!(error instanceof HawserError)) throw error
          assert.equal(error.code, 'CONFIG_INVALID')
        }
      }),
      { seed, numRuns: 2_000 },
    )
    assert.ok(started > 200, `only ${started} could be started on`)
  })
})
