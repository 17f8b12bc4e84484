/** Against a broker that goes on with a session, of which only the packets are looked at. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { it } from 'node:test'
import { systemClock as clock } from '@hawser/std'
import mqtt, { type Packet } from 'mqtt-packet'
import { Link } from './link.ts'

it('asks to release the ids of an earlier connection before anything is published under them', async () => {
  const heard: string[] = []
  const server = createServer((socket) => {
    const parser = mqtt.parser({ protocolVersion: 5 })
    const answer = (packet: Packet) => socket.write(mqtt.generate(packet, { protocolVersion: 5 }))
    parser.on('packet', (packet: Packet) => {
      const { cmd, messageId = 0 } = packet
      heard.push(messageId === 0 ? cmd : `${cmd} ${messageId}`)
      if (cmd === 'connect') answer({ cmd: 'connack', sessionPresent: true, reasonCode: 0 })
      // Section 3.7.2.1: of an id that it does not hold.
      if (cmd === 'pubrel') answer({ cmd: 'pubcomp', messageId, reasonCode: messageId === 2 ? 0 : 0x92 })
      if (cmd === 'publish') answer({ cmd: 'pubrec', messageId })
    })
    socket.on('data', (bytes) => parser.parse(bytes)).on('error', () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
  const link = new Link('l', {
    url,
    clock,
    version: '5.0',
    inFlightMax: 3,
    sends: true,
    sessionSeconds: 60,
    bridgeBit: true,
  })
  {
    await using share = await link.outward('log', new AbortController().signal)
    assert.deepEqual(heard.splice(0).toSorted(), ['connect', 'pubrel 1', 'pubrel 2', 'pubrel 3'])
    assert.equal(await share.client.publish('t', 'x', { qos: 2, retain: false }), 0)
    assert.deepEqual(heard, ['publish 1', 'pubrel 1'])
  }
  server.close()
})
