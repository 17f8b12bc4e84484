/** MQTT 5.0, section 3.1: CONNECT. */
import assert from 'node:assert/strict'
import { mqtt } from '../peer/bytes.ts'
import { conformance, ownClock } from '../suite.ts'

conformance('v5', '3.1 CONNECT', (test) => {
  test('v5 [MQTT-3.1.0-2] a second CONNECT ends the connection', async ({ connect, name }) => {
    const peer = await connect()
    peer.send(mqtt`10 __ "MQTT" 05 02 0000 {} ${name}`)
    await peer.closes(0x82)
  })

  test(
    'v5 [MQTT-3.1.2-22] a client that is silent for one and a half times its keep alive is disconnected',
    ownClock(),
    async ({ connect, passSeconds }) => {
      const peer = await connect({ keepAliveSeconds: 10 })
      await passSeconds(15)
      await peer.silent()
      await passSeconds(17)
      assert.deepEqual((await peer.closes(0x8d)).before, [])
    },
  )
})
