import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readJson } from '@hawser/streams'
import { poisonPayloads } from './contract/poison.ts'
import { strictJson } from './strict-json.ts'

describe('strict JSON', () => {
  it('accepts and refuses what the full reader does, for the same reasons', () => {
    const nested = (depth: number): Buffer => Buffer.from(`${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`)
    const large = Buffer.from(`"${'x'.repeat(1 << 20)}"`)
    for (const payload of [...poisonPayloads, nested(32), nested(34), large, Buffer.from('{"n":1.0}')]) {
      const fast = strictJson(payload)
      const full = readJson(payload)
      const shown = payload.toString('utf8', 0, 40)
      assert.equal(fast.kind === 'json', full.kind === 'value', shown)
      if (fast.kind === 'refused') assert.deepEqual(fast, full, shown)
      else assert.equal(fast.text, payload.toString('utf8'))
    }
  })
})
