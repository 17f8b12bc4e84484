/** MQTT 3.1.1, section 3.1: CONNECT, its format and its checks. */
import assert from 'node:assert/strict'
import { allowAll, refused } from '@hawser/broker'
import { mqtt, raw, text, u8 } from '../peer/bytes.ts'
import { publishPacket, subscribe } from '../peer/shorthand.ts'
import { connackOf } from '../peer/views.ts'
import { conformance, ownClock } from '../suite.ts'

const connectWith = (flags: number, payload: Uint8Array): Buffer => mqtt`10 __ "MQTT" 04 ${u8(flags)} 0000 ${payload}`

const credentials = {
  ...allowAll,
  authenticate: async (candidate: Parameters<typeof allowAll.authenticate>[0]) =>
    candidate.username === 'user' && `${candidate.password}` === 'secret'
      ? allowAll.authenticate(candidate)
      : refused(0x86, 'bad-credentials'),
}

conformance('v3.1.1', '3.1.0 to 3.1.2 fixed and variable header of CONNECT', (test) => {
  test('v3.1.1 [MQTT-3.1.0-1] what is sent before CONNECT ends the connection', async ({ refuses }) => {
    const others = [mqtt`20 02 00 00`, mqtt`30 __ "a"`, mqtt`40 02 0001`, mqtt`62 02 0001`, mqtt`82 __ 0001 "a" 00`]
    for (const packet of [...others, mqtt`a2 __ 0001 "a"`, mqtt`c0 00`, mqtt`e0 00`]) {
      assert.deepEqual(await refuses(packet), { code: undefined, before: [] })
    }
  })

  test('v3.1.1 [MQTT-3.1.0-2] a second CONNECT ends the connection', async ({ breaks, name }) => {
    await breaks(connectWith(0x02, text(name)))
  })

  test('v3.1.1 [MQTT-3.1.2-1] another protocol name is not processed as this protocol', async ({ open, name }) => {
    for (const other of ['mqtt', 'MQTX', 'MQTTT', 'MQT', '', 'HTTP/1.1']) {
      const peer = await open()
      peer.send(mqtt`10 __ ${other} 04 02 0000 ${name}`)
      const { code } = await peer.ending()
      assert.notEqual(code, 0, other)
    }
  })

  test('v3.1.1 [MQTT-3.1.2-2] a protocol level that is not served gets CONNACK 0x01', async ({ open, name }) => {
    for (const level of [0, 1, 2, 3]) {
      const peer = await open()
      peer.send(mqtt`10 __ "MQTT" ${u8(level)} 02 0000 ${name}`)
      assert.deepEqual(
        (await peer.untilClosed()).map(({ hex }) => hex),
        ['20020001'],
      )
    }
  })

  test('v3.1.1 [MQTT-3.1.2-3] the reserved connect flag ends the connection when set', async ({ refuses }) => {
    await refuses(connectWith(0x03, mqtt`"x"`))
  })

  test('v3.1.1 [MQTT-3.1.2-9] a Will Flag without the fields of a will ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x06, mqtt`"x"`))
    await refuses(connectWith(0x06, mqtt`"x" "topic"`))
  })

  test('v3.1.1 [MQTT-3.1.2-11] fields of a will without its flag end the connection', async ({ refuses }) => {
    await refuses(connectWith(0x02, mqtt`"x" "topic" "gone"`))
  })

  test('v3.1.1 [MQTT-3.1.2-13] a Will QoS without a Will Flag ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x0a, mqtt`"x"`))
    await refuses(connectWith(0x12, mqtt`"x"`))
  })

  test('v3.1.1 [MQTT-3.1.2-14] a Will QoS of 3 ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x1e, mqtt`"x" "topic" "gone"`))
  })

  test('v3.1.1 [MQTT-3.1.2-15] a Will Retain without a Will Flag ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x22, mqtt`"x"`))
  })

  test('v3.1.1 [MQTT-3.1.2-18] a user name without its flag ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x02, mqtt`"x" "user"`))
  })

  test('v3.1.1 [MQTT-3.1.2-19] a User Name Flag without a user name ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x82, mqtt`"x"`))
  })

  test('v3.1.1 [MQTT-3.1.2-20] a password without its flag ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x82, mqtt`"x" "user" "password"`))
  })

  test('v3.1.1 [MQTT-3.1.2-21] a Password Flag without a password ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0xc2, mqtt`"x" "user"`))
  })

  test('v3.1.1 [MQTT-3.1.2-22] a Password Flag without a User Name Flag ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x42, mqtt`"x" "password"`))
  })

  test(
    'v3.1.1 [MQTT-3.1.2-24] a client silent for one and a half times its keep alive is disconnected, not before',
    ownClock(),
    async ({ connect, passSeconds, name }) => {
      const watcher = await connect()
      await subscribe(watcher, name)
      const peer = await connect({ keepAliveSeconds: 10, will: { topic: name } })
      await passSeconds(15)
      await peer.silent()
      await passSeconds(17)
      assert.deepEqual(await peer.untilClosed(), [])
      assert.equal((await watcher.publish()).payload, 'gone')
      const never = await connect({ keepAliveSeconds: 0 })
      await passSeconds(120)
      await never.silent()
    },
  )
})

conformance('v3.1.1', '3.1.3 payload of CONNECT', (test) => {
  test(
    'v3.1.1 [MQTT-3.1.3-1] client identifier, will and credentials are read in the order of the text',
    () => ({ access: credentials }),
    async ({ open, name }) => {
      const watcher = await open()
      watcher.send(connectWith(0xc2, mqtt`${`${name}w`} "user" "secret"`))
      assert.equal(connackOf(await watcher.expect('CONNACK')).code, 0)
      await subscribe(watcher, name)
      const peer = await open()
      peer.send(connectWith(0xc6, mqtt`${`${name}p`} ${name} "last words" "user" "secret"`))
      assert.equal(connackOf(await peer.expect('CONNACK')).code, 0)
      await peer.vanish()
      assert.deepEqual((await watcher.expect('PUBLISH')).bytes, mqtt`30 __ ${name} ${raw('last words')}`)
    },
  )

  test('v3.1.1 [MQTT-3.1.3-3] a CONNECT without a client identifier ends the connection', async ({ refuses }) => {
    assert.deepEqual((await refuses(mqtt`10 0a "MQTT" 04 02 0000`)).code, undefined)
    await refuses(mqtt`10 0b "MQTT" 04 02 0000 00`)
  })

  test('v3.1.1 [MQTT-3.1.3-4] a client identifier that is no UTF-8 ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x02, mqtt`0003 61 ff 62`))
  })

  test('v3.1.1 [MQTT-3.1.3-5] client identifiers of 1 to 23 letters and digits are accepted', async ({ connect }) => {
    for (const clientId of ['Y', '9876543210mlkjihgfedcba', 'JIHGFEDCBAzyxwvutsrqpon', 'ZYXWVUTSRQPONMLK']) {
      await connect({ clientId })
    }
  })

  test('v3.1.1 [MQTT-3.1.3-6] clients without an identifier are given one each', async ({ connect }) => {
    const first = await connect({ clientId: '' })
    const second = await connect({ clientId: '' })
    assert.deepEqual([first.connack?.sessionPresent, second.connack?.sessionPresent], [false, false])
    await first.silent()
    await second.silent()
  })

  test('v3.1.1 [MQTT-3.1.3-7] v3.1.1 [MQTT-3.1.3-8] without an identifier and Clean Session: CONNACK 0x02', async ({
    open,
  }) => {
    const peer = await open()
    peer.send(connectWith(0x00, text('')))
    assert.deepEqual(
      (await peer.untilClosed()).map(({ hex }) => hex),
      ['20020002'],
    )
  })

  test(
    'v3.1.1 [MQTT-3.1.3-9] a client identifier that is not accepted gets CONNACK 0x02',
    () => ({ limits: { clientIdBytesMax: 30 } }),
    async ({ open }) => {
      const peer = await open()
      peer.send(connectWith(0x02, text('x'.repeat(31))))
      assert.deepEqual(
        (await peer.untilClosed()).map(({ hex }) => hex),
        ['20020002'],
      )
    },
  )

  test('v3.1.1 [MQTT-3.1.3-10] a will topic that is no UTF-8 ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x06, mqtt`"x" 0002 61ff "gone"`))
  })

  test('v3.1.1 [MQTT-3.1.3-11] a user name that is no UTF-8 ends the connection', async ({ refuses }) => {
    await refuses(connectWith(0x82, mqtt`"x" 0002 61ff`))
  })
})

conformance('v3.1.1', '3.1.4 response to CONNECT, 3.2 CONNACK', (test) => {
  test('v3.1.1 [MQTT-3.1.4-1] a CONNECT of the wrong format ends the connection without CONNACK', async ({ open }) => {
    const malformed = [
      mqtt`10 __ "MQTT" 04 02 00`,
      mqtt`10 __ "MQTT" 04 02 0000`,
      mqtt`10 __ "MQTT" 04 02 0000 "x" 00`,
      mqtt`10 __ "MQTT" 04 03 0000 "x"`,
      mqtt`10 __ "MQTT" 04 0a 0000 "x"`,
      mqtt`10 __ "MQTT" 04 42 0000 "x" "y"`,
      mqtt`10 __ "MQTT" 04 06 0000 "x" "a/#" "gone"`,
    ]
    for (const packet of malformed) {
      const peer = await open()
      peer.send(packet)
      assert.deepEqual((await peer.untilClosed()).map(String), [], packet.toString('hex'))
    }
  })

  test('v3.1.1 [MQTT-3.1.4-2] the older connection of a client identifier is closed', async ({ connect, name }) => {
    const first = await connect({ clientId: name })
    const second = await connect({ clientId: name })
    assert.deepEqual(await first.untilClosed(), [])
    await second.silent()
  })

  test('v3.1.1 [MQTT-3.1.4-4] an accepted CONNECT is answered by CONNACK 0', async ({ open, name }) => {
    const peer = await open()
    peer.send(connectWith(0x02, text(name)))
    assert.equal((await peer.expect('CONNACK')).hex, '20020000')
    await peer.silent()
  })

  test(
    'v3.1.1 [MQTT-3.1.4-5] what follows a refused CONNECT is not processed',
    () => ({ access: credentials }),
    async ({ connect, open, name }) => {
      const watcher = await connect({ username: 'user', password: 'secret' })
      await subscribe(watcher, name)
      const peer = await open()
      peer.send(connectWith(0x02, text(`${name}x`)), publishPacket('v3.1.1', name, 'lost'))
      assert.deepEqual(
        (await peer.untilClosed()).map(({ hex }) => hex),
        ['20020004'],
      )
      await watcher.silent()
    },
  )

  test(
    'v3.1.1 [MQTT-3.2.2-4] v3.1.1 [MQTT-3.2.2-5] a refusal has Session Present 0, and the connection is closed',
    () => ({ access: credentials }),
    async ({ connect, open, name }) => {
      const options = { clientId: name, clean: false, username: 'user', password: 'secret' }
      await (await connect(options)).leave()
      const peer = await open()
      peer.send(connectWith(0xc0, mqtt`${name} "user" "wrong"`))
      assert.deepEqual(
        (await peer.untilClosed()).map(({ hex }) => hex),
        ['20020004'],
      )
      assert.equal((await connect(options)).connack?.sessionPresent, true)
    },
  )

  test(
    'v3.1.1 [MQTT-3.2.2-6] where no return code says why, the connection is closed without CONNACK',
    () => ({ protocol: { retainAvailable: false } }),
    async ({ open, name }) => {
      const peer = await open()
      peer.send(connectWith(0x26, mqtt`${name} "topic" "gone"`))
      assert.deepEqual(await peer.untilClosed(), [])
    },
  )
})
