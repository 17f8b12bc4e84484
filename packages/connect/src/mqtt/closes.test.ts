/** A broker that closes the connection on what it does not like, as many do before MQTT 5. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { asyncDisposable, systemClock as clock } from '@hawser/std'
import { Aedes } from 'aedes'
import { append, committed, contractLog, watch } from '../contract/bench-log.ts'
import { mqttConnector } from './mod.ts'
import { Suspect } from './suspect.ts'

const place = (position: number) => ({ partition: 3, position }) as Parameters<Suspect['closedOn']>[0]

it('a message is sent alone once the connection was closed on it, and given up after six times', () => {
  const suspect = new Suspect()
  const verdicts: string[] = []
  for (let close = 0; close < 6; close++) {
    suspect.closedOn(place(1))
    verdicts.push(suspect.verdictOn(place(1)))
  }
  assert.deepEqual(verdicts, ['send-alone', 'send-alone', 'send-alone', 'send-alone', 'send-alone', 'give-up'])
  assert.equal(suspect.verdictOn(place(2)), 'send')
  suspect.closedOn(place(2))
  assert.equal(suspect.verdictOn(place(1)), 'send')
})

it('a message on which the other broker closes the connection is a dead letter, and the rest goes on', async () => {
  const broker = await Aedes.createBroker({
    authorizePublish: (_, { topic }, done) => done(topic === 't/bad' ? new Error('not this') : null),
  })
  const taken: string[] = []
  broker.on('publish', ({ payload }, client) => client !== null && taken.push(payload.toString()))
  const server = createServer(broker.handle).listen(0, '127.0.0.1')
  await using _closed = asyncDisposable(async () => {
    server.close()
    await new Promise<void>((resolve) => broker.close(resolve))
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await using log = contractLog()
  await using state = createMemoryState()
  for (let number = 0; number < 50; number++) append(log, number === 20 ? 't/bad' : 't/good', `${number}`)
  await committed(log)
  const peer = { url: `mqtt://127.0.0.1:${port}`, version: '3.1.1' } as const
  {
    await using watched = watch(log, mqttConnector({ state, clock, peer, filters: ['t/+'], inFlightMax: 8 }))
    const view = await watched.until(({ written, deadLetters }) => written + deadLetters === 50)
    assert.equal(view.deadLetters, 1)
    const letters = await watched.run.deadLetters(10)
    assert.deepEqual(
      letters.map(({ topic, reason }) => [topic, reason]),
      [['t/bad', 'closed: the other broker has closed the connection on it 6 times']],
    )
  }
  assert.equal(new Set(taken).size, 49)
  assert.ok(taken.length < 49 + 8 * 8, `${taken.length} taken: only what was under way comes again`)
})
