/** What our own file would say of each configuration is taken by our own schema: a start on it does not ask again. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { configurationText } from '../../packages/cli/src/mosquitto/migrate/configuration-text.ts'
import { planRun } from '../../packages/cli/src/mosquitto/run.ts'
import { placeConfiguration } from './broker-process.ts'

const names = readdirSync(new URL('configurations', import.meta.url))

describe('configurations of Mosquitto in our own words', () => {
  for (const name of names) {
    it(name, async () => {
      await using placed = await placeConfiguration(name)
      const text = await configurationText(await planRun(placed.file, {}, {}))
      assert.match(text, /^mosquitto_access:$/m)
    })
  }
})
