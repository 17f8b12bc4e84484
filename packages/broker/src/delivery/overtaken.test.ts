import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryLog, createMemoryState } from '@hawser/engine/memory'
import { seededRandom, systemClock } from '@hawser/std'
import { createBroker } from '../broker.ts'
import { RawClient } from '../testing/raw-client.ts'

const port = (broker: { readonly listeners: readonly { readonly port: number }[] }): number =>
  broker.listeners[0]?.port ?? 0

for (const filter of ['t', '$share/g/t']) {
  describe(`a reader of ${filter} that the log overtakes`, () => {
    it('loses what is gone, counted, and goes on with what is there', async () => {
      const log = createMemoryLog({ bytesMax: 256 << 10, random: seededRandom(1) })
      await using broker = await createBroker({
        ...{ log, state: createMemoryState(), clock: systemClock, random: seededRandom(1) },
        listeners: [{ protocol: 'mqtt', name: 'tcp', host: '127.0.0.1', port: 0 }],
        onFault: (message, error) => assert.fail(`${message}: ${error}`),
      })
      const options = { clientId: 'slow', clean: false, properties: { sessionExpiryInterval: 60, receiveMaximum: 1 } }
      const slow = await RawClient.connect(port(broker), options)
      await slow.subscribe(filter, { qos: 1 })
      const publisher = await RawClient.connect(port(broker))
      const count = 100
      const payload = (n: number): string => `${n}`.padEnd(10_000)
      for (let n = 0; n < count; n++) {
        publisher.publish('t', payload(n), { qos: 1, messageId: 1 })
        await publisher.receive('puback')
      }
      const got: number[] = []
      while (got.at(-1) !== count - 1) {
        const packet = await slow.receive('publish')
        got.push(Number(String(packet['payload'])))
        slow.send({ cmd: 'puback', messageId: packet['messageId'] })
      }
      assert.deepEqual(
        got,
        [...got].sort((a, b) => a - b),
      )
      assert.ok(got.length < count && got.length > 10, `${got.length} came`)
      assert.ok(broker.stats().counters.dropped['behind-log'] > 0)
      publisher.socket.destroy()
      slow.socket.destroy()
    })
  })
}
