import assert from 'node:assert/strict'
import { it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { connectorContract } from '../contract/mod.ts'
import { startHttpServer } from '../http/testing/http-server.ts'
import { killAgain } from '../testing/kill-again.ts'
import { eventsIn, webhookUnderTest } from './testing/webhook-under-test.ts'

connectorContract({ name: 'webhook', holds: 'at-least-once', open: () => webhookUnderTest() })
connectorContract({
  name: 'webhook of CloudEvents batches',
  holds: 'at-least-once',
  open: () => webhookUnderTest({ body: 'cloudevents', requestMessagesMax: 20 }),
})

it('has no message missing, and those of a topic in order, after kills at any instant', async () => {
  await using home = await temporaryFolder()
  const ids: string[] = []
  await using server = await startHttpServer(({ body }) => {
    ids.push(...eventsIn(body).map(({ id }) => id))
    return { status: 200 }
  })
  const [logId, messages] = ['killed', 2_000]
  const killed = await killAgain({
    ...{ kind: 'webhook', target: server.url, stateFolder: home.path, logId, messages, kills: 8 },
  })
  assert.ok(killed >= 4, `${killed} killed`)
  assert.deepEqual(
    [...new Set(ids)],
    Array.from({ length: messages / 2 }, (_, index) => `${logId}/3/${index * 2}`),
  )
})
