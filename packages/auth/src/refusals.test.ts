/** Each way in, at a real broker: what a refusal is on the wire in both versions, and which counter tells of it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createBroker } from '@hawser/broker'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { seededRandom, systemClock } from '@hawser/std'
import mqtt, { type IClientOptions } from 'mqtt'
import { ConfiguredAccess } from './access.ts'
import type { ClientIdBinding } from './client-id/binding.ts'
import {
  type AuthenticationMethod,
  accepted,
  notMine,
  tooBusy,
  unavailable,
  type Verdict,
  wrongCredentials,
} from './method.ts'
import { openRules } from './rules/rule.ts'
import { Rules } from './rules/rules.ts'

async function brokerWith(verdict: Verdict, binding?: ClientIdBinding) {
  const method: AuthenticationMethod = {
    name: 'scripted',
    authenticate: () => verdict,
    async [Symbol.asyncDispose]() {},
  }
  const access = new ConfiguredAccess({
    chains: new Map(),
    chain: { methods: [method], exchanges: [] },
    binding,
    rules: new Rules(openRules),
    authorizer: undefined,
    files: [],
    resources: [],
    onFault: () => undefined,
  })
  const random = seededRandom(1)
  return createBroker({
    log: createMemoryLog({ random }),
    state: createMemoryState(),
    clock: systemClock,
    random,
    access,
    listeners: [{ protocol: 'mqtt', name: 'mqtt', host: '127.0.0.1', port: 0 }],
  })
}

async function codeOf(port: number, options: IClientOptions): Promise<number | undefined> {
  try {
    const url = `mqtt://127.0.0.1:${port}`
    const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, clientId: 'pump-7', ...options }, false)
    await client.endAsync()
    return 0
  } catch (error) {
    return (error as { readonly code?: number }).code
  }
}

describe('a refusal at the door', () => {
  for (const [what, verdict, binding, v5, v3, result] of [
    ['wrong credentials', wrongCredentials, undefined, 0x86, 4, 'bad-credentials'],
    ['no credentials', notMine, undefined, 0x87, 5, 'no-credentials'],
    ['too many at once', tooBusy, undefined, 0x89, 3, 'unavailable'],
    ['nobody who could judge', unavailable, undefined, 0x88, 3, 'unavailable'],
    ['a foreign client id', accepted('ann'), { kind: 'equals', name: 'username' }, 0x85, 2, 'not-authorized'],
  ] as const) {
    it(`for ${what}: 0x${v5.toString(16)} in 5.0, ${v3} in 3.1.1, counted as ${result}`, async () => {
      await using broker = await brokerWith(verdict, binding)
      const port = broker.listeners[0]?.port ?? 0
      assert.equal(await codeOf(port, { protocolVersion: 5 }), v5)
      assert.equal(await codeOf(port, { protocolVersion: 4 }), v3)
      const { authentications, connectionsRefused } = broker.stats().counters
      assert.equal(authentications[result], 2)
      assert.equal(authentications.accepted, 0)
      assert.equal(connectionsRefused, 2)
    })
  }

  it('is none for who is let in', async () => {
    await using broker = await brokerWith(accepted('ann'))
    const port = broker.listeners[0]?.port ?? 0
    assert.equal(await codeOf(port, { protocolVersion: 5 }), 0)
    assert.equal(broker.stats().counters.authentications.accepted, 1)
  })
})
