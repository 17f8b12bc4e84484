/** MQTT 5.0, section 3.1: CONNECT, its format and its checks. */
import assert from 'node:assert/strict'
import { allowAll, refused } from '@hawser/broker'
import { mqtt, raw, text, u8 } from '../peer/bytes.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import { connackOf } from '../peer/views.ts'
import { conformance } from '../suite.ts'

const connectWith = (flags: number, payload: Uint8Array): Buffer =>
  mqtt`10 __ "MQTT" 05 ${u8(flags)} 0000 {} ${payload}`

conformance('v5', '3.1.0 to 3.1.2 fixed and variable header of CONNECT', (test) => {
  test('v5 [MQTT-3.1.0-1] what is sent before CONNECT ends the connection', async ({ refuses }) => {
    const others = [
      mqtt`20 03 00 00 00`,
      mqtt`30 __ "a" {}`,
      mqtt`40 02 0001`,
      mqtt`62 02 0001`,
      mqtt`82 __ 0001 {} "a" 00`,
      mqtt`a2 __ 0001 {} "a"`,
      mqtt`c0 00`,
      mqtt`e0 00`,
      mqtt`f0 02 18 00`,
    ]
    for (const packet of others) assert.deepEqual((await refuses(packet)).before, [])
  })

  test('v5 [MQTT-3.1.0-2] a second CONNECT is a protocol error', async ({ breaks, name }) => {
    await breaks(mqtt`10 __ "MQTT" 05 02 0000 {} ${name}`, 0x82)
  })

  test('v5 [MQTT-3.1.2-1] another protocol name ends the connection, with 0x84 if anything', async ({ refuses }) => {
    for (const other of ['mqtt', 'MQTX', 'MQTTT', 'MQT', '', 'HTTP/1.1']) {
      await refuses(mqtt`10 __ ${other} 05 02 0000 {} "x"`, 0x84)
    }
  })

  test('v5 [MQTT-3.1.2-2] an unknown protocol version ends the connection, with 0x84 if anything', async ({
    refuses,
  }) => {
    for (const version of [0, 1, 2, 6, 7, 127, 255]) {
      const { code } = await refuses(mqtt`10 __ "MQTT" ${u8(version)} 02 0000 {} "x"`)
      // An older server may answer in its own words: 0x01.
      assert.ok(code === undefined || code === 0x84 || code === 0x01, `${version}: ${code}`)
    }
  })

  test('v5 [MQTT-3.1.2-3] the reserved connect flag is malformed when set', async ({ refuses }) => {
    await refuses(connectWith(0x03, mqtt`"x"`), 0x81)
  })

  test('v5 [MQTT-3.1.2-9] a Will Flag without the fields of a will is malformed', async ({ refuses }) => {
    await refuses(connectWith(0x06, mqtt`"x"`), 0x81)
    await refuses(connectWith(0x06, mqtt`"x" {}`), 0x81)
    await refuses(connectWith(0x06, mqtt`"x" {} "topic"`), 0x81)
    await refuses(connectWith(0x02, mqtt`"x" {} "topic" "gone"`), 0x81)
  })

  test('v5 [MQTT-3.1.2-11] a Will QoS without a Will Flag is malformed', async ({ refuses }) => {
    await refuses(connectWith(0x0a, mqtt`"x"`), 0x81)
    await refuses(connectWith(0x12, mqtt`"x"`), 0x81)
  })

  test('v5 [MQTT-3.1.2-12] a Will QoS of 3 is malformed', async ({ refuses }) => {
    await refuses(connectWith(0x1e, mqtt`"x" {} "topic" "gone"`), 0x81)
  })

  test('v5 [MQTT-3.1.2-13] a Will Retain without a Will Flag is malformed', async ({ refuses }) => {
    await refuses(connectWith(0x22, mqtt`"x"`), 0x81)
  })

  test('v5 [MQTT-3.1.2-16] a user name without its flag is malformed', async ({ refuses }) => {
    await refuses(connectWith(0x02, mqtt`"x" "user"`), 0x81)
  })

  test('v5 [MQTT-3.1.2-17] a User Name Flag without a user name is malformed', async ({ refuses }) => {
    await refuses(connectWith(0x82, mqtt`"x"`), 0x81)
  })

  test('v5 [MQTT-3.1.2-18] a password without its flag is malformed', async ({ refuses }) => {
    await refuses(connectWith(0x82, mqtt`"x" "user" "password"`), 0x81)
  })

  test('v5 [MQTT-3.1.2-19] a Password Flag without a password is malformed', async ({ refuses }) => {
    await refuses(connectWith(0xc2, mqtt`"x" "user"`), 0x81)
    await refuses(connectWith(0x42, mqtt`"x"`), 0x81)
  })
})

conformance('v5', '3.1.3 payload of CONNECT', (test) => {
  test(
    'v5 [MQTT-3.1.3-1] client identifier, will and credentials are read in the order of the text',
    () => ({
      access: {
        ...allowAll,
        authenticate: async (candidate) =>
          candidate.username === 'user' && `${candidate.password}` === 'secret'
            ? allowAll.authenticate(candidate)
            : refused(0x86, 'bad-credentials'),
      },
    }),
    async ({ open, name }) => {
      const credentials = mqtt`"user" "secret"`
      const watcher = await open()
      watcher.send(connectWith(0xc2, mqtt`${`${name}w`} ${credentials}`))
      assert.equal(connackOf(await watcher.expect('CONNACK')).code, 0)
      await subscribe(watcher, name)
      const peer = await open()
      peer.send(connectWith(0xc6, mqtt`${`${name}p`} {03 "type"} ${name} "gone" ${credentials}`))
      assert.equal(connackOf(await peer.expect('CONNACK')).code, 0)
      await peer.vanish()
      assert.deepEqual((await watcher.expect('PUBLISH')).bytes, mqtt`30 __ ${name} {03 "type"} ${raw('gone')}`)
    },
  )

  test('v5 [MQTT-3.1.3-3] a CONNECT without a client identifier is malformed', async ({ refuses }) => {
    await refuses(connectWith(0x02, Buffer.alloc(0)), 0x81)
    await refuses(connectWith(0x02, mqtt`00`), 0x81)
  })

  test('v5 [MQTT-3.1.3-4] a client identifier that is no UTF-8 ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x02, mqtt`0003 61 ff 62`), 0x81, 0x85)
  })

  test('v5 [MQTT-3.1.3-5] client identifiers of 1 to 23 letters and digits are accepted', async ({ connect }) => {
    for (const clientId of ['Z', '0123456789abcdefghijklm', 'nopqrstuvwxyzABCDEFGHIJ', 'KLMNOPQRSTUVWXYZ']) {
      await connect({ clientId })
    }
  })

  test(
    'v5 [MQTT-3.1.3-8] a client identifier that is not accepted ends the connection, with 0x85 if anything',
    () => ({ limits: { clientIdBytesMax: 30 } }),
    async ({ refuses, connect }) => {
      await connect({ clientId: 'x'.repeat(30) })
      assert.equal((await refuses(connectWith(0x02, text('x'.repeat(31))), 0x85)).code, 0x85)
    },
  )

  test('v5 [MQTT-3.1.3-11] a will topic that is no UTF-8 ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x06, mqtt`"x" {} 0002 61ff "gone"`), 0x81, 0x90)
  })

  test('v5 [MQTT-3.1.3-12] a user name that is no UTF-8 ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x82, mqtt`"x" 0002 61ff`), 0x81)
  })
})

const wrong: Readonly<Record<string, Buffer>> = {
  'a header that is cut off': mqtt`10 __ "MQTT" 05 02 00`,
  'no properties': mqtt`10 __ "MQTT" 05 02 0000`,
  'bytes behind its end': mqtt`10 __ "MQTT" 05 02 0000 {} "x" 00`,
  'an unknown property': mqtt`10 __ "MQTT" 05 02 0000 {7f00} "x"`,
  'a property of another packet': mqtt`10 __ "MQTT" 05 02 0000 {23 0001} "x"`,
  'a property that is cut off': mqtt`10 __ "MQTT" 05 02 0000 {11 0000} "x"`,
  'a will property among its own': mqtt`10 __ "MQTT" 05 02 0000 {18 00000001} "x"`,
  'a property twice': mqtt`10 __ "MQTT" 05 02 0000 {11 00000001 11 00000001} "x"`,
  'a Receive Maximum of 0': mqtt`10 __ "MQTT" 05 02 0000 {21 0000} "x"`,
  'a Maximum Packet Size of 0': mqtt`10 __ "MQTT" 05 02 0000 {27 00000000} "x"`,
  'a flag that is neither 0 nor 1': mqtt`10 __ "MQTT" 05 02 0000 {19 02} "x"`,
  'authentication data without a method': mqtt`10 __ "MQTT" 05 02 0000 {16 0001 00} "x"`,
}

conformance('v5', '3.1.4 actions of CONNECT', (test) => {
  for (const [fault, packet] of Object.entries(wrong)) {
    test(`v5 [MQTT-3.1.4-1] ends the connection: a CONNECT with ${fault}`, async ({ refuses }) => {
      await refuses(packet, 0x81, 0x82)
    })
  }

  test(
    'v5 [MQTT-3.1.4-2] a CONNECT that is not authorized gets CONNACK 0x80 or above, and the connection ends',
    () => ({ access: { ...allowAll, authenticate: async () => refused(0x87, 'not-authorized') } }),
    async ({ refuses }) => {
      assert.equal((await refuses(connectWith(0x82, mqtt`"x" "user"`), 0x87)).code, 0x87)
    },
  )

  test('v5 [MQTT-3.1.4-3] the older connection of a client identifier gets DISCONNECT 0x8E', async ({
    connect,
    name,
  }) => {
    const first = await connect({ clientId: name })
    const second = await connect({ clientId: name })
    assert.deepEqual(await first.closes(0x8e), { code: 0x8e, before: [] })
    await second.silent()
  })

  test('v5 [MQTT-3.1.4-4] Clean Start is carried out', async ({ connect, name }) => {
    const first = await connect({ clientId: name, sessionExpirySeconds: 600 })
    await subscribe(first, name, 1)
    const second = await connect({ clientId: name, clean: true })
    await publish(second, name, 'nobody listens')
    await second.silent()
  })

  test('v5 [MQTT-3.1.4-5] an accepted CONNECT is answered by CONNACK 0x00', async ({ open, name }) => {
    const peer = await open()
    peer.send(connectWith(0x02, text(name)))
    const { code, acknowledgeFlags } = connackOf(await peer.expect('CONNACK'))
    assert.deepEqual([code, acknowledgeFlags], [0, 0])
    await peer.silent()
  })

  test('v5 [MQTT-3.1.4-6] what follows a refused CONNECT is not processed', async ({ connect, open, name }) => {
    const watcher = await connect()
    await subscribe(watcher, name)
    const peer = await open()
    // An authentication method that nobody has.
    const unanswerable = mqtt`10 __ "MQTT" 05 02 0000 {15 "none-such"} ${`${name}x`}`
    peer.send(unanswerable, publishPacket('v5', name, 'lost'))
    const { before } = await peer.closes(0x8c, 0x87)
    assert.deepEqual(before, [])
    await watcher.silent()
  })
})
