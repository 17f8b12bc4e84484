/** MQTT 5.0, section 3.15: AUTH; and 4.12: enhanced authentication. */
import assert from 'node:assert/strict'
import { mqtt } from '../peer/bytes.ts'
import { propertyOf } from '../peer/received.ts'
import { publish, subscribe } from '../peer/shorthand.ts'
import { disconnectOf } from '../peer/views.ts'
import { eachCloses, malformedPacket, protocolError, tight, tightBytes } from '../scenarios/support.ts'
import { asked, auth, authenticated, method, withTwoSteps } from '../scenarios/two-steps.ts'
import { conformance } from '../suite.ts'

const badMethod = 0x8c
const notAuthorized = 0x87

conformance('v5', '3.15 AUTH, 4.12 enhanced authentication', (test) => {
  test('v5 [MQTT-3.15.1-1] AUTH with reserved flags is malformed', withTwoSteps, async (stage) => {
    const before = await asked(stage)
    before.send(Buffer.concat([Buffer.of(0xf1), auth('18', 'me').subarray(1)]))
    await before.closes(malformedPacket)
    const after = await authenticated(stage)
    after.send(Buffer.concat([Buffer.of(0xf8), auth('19', 'hello').subarray(1)]))
    await after.closes(malformedPacket)
  })

  test('v5 [MQTT-3.15.1-1] AUTH with reserved flags is malformed, whatever else is wrong with it', (stage) =>
    eachCloses(
      stage,
      Array.from({ length: 15 }, (_, flags) => Buffer.concat([Buffer.of(0xf1 + flags), auth('19', 'x').subarray(1)])),
      malformedPacket,
    ))

  test(
    'v5 [MQTT-3.15.2-1] AUTH of a client with a code that is none of it ends the connection',
    withTwoSteps,
    async (stage) => {
      for (const code of ['00', '01', '80', '82', '87', 'ff']) {
        const peer = await asked(stage)
        peer.send(auth(code, 'me'))
        await peer.closes(malformedPacket, protocolError)
      }
    },
  )

  test('v5 [MQTT-3.15.2-1] AUTH of the server bears 0x18 and 0x00', withTwoSteps, async (stage) => {
    const peer = await authenticated(stage)
    peer.send(auth('19', 'hello'))
    assert.equal(disconnectOf(await peer.expect('AUTH')).code, 0x18)
    peer.send(auth('18', 'me'))
    assert.equal(disconnectOf(await peer.expect('AUTH')).code, 0x00)
  })

  test(
    'v5 [MQTT-3.15.2-2] v5 [MQTT-3.15.2-3] AUTH leaves out what would not fit the client',
    withTwoSteps,
    async (stage) => {
      const peer = await asked(stage, tight)
      peer.send(auth('18', 'wrong'))
      const last = (await peer.untilClosed()).at(-1)
      assert.ok(last === undefined || last.bytes.length <= tightBytes, `${last}`)
    },
  )

  test('v5 [MQTT-4.12.0-1] a method that is not served ends the connection', async ({ name, open }) => {
    const peer = await open()
    peer.send(mqtt`10 __ "MQTT" 05 02 0000 {15 "no such method"} ${name}`)
    assert.deepEqual((await peer.closes(badMethod, notAuthorized)).before.map(String), [])
  })

  test('v5 [MQTT-4.12.0-2] AUTH of the server that asks for more bears 0x18', withTwoSteps, async (stage) => {
    await asked(stage)
  })

  test(
    'v5 [MQTT-4.12.0-3] an answer to AUTH with another code than 0x18 ends the connection',
    withTwoSteps,
    async (stage) => {
      const peer = await asked(stage)
      peer.send(auth('19', 'me'))
      const { before } = await peer.closes(protocolError, notAuthorized)
      assert.deepEqual(before.map(String), [])
    },
  )

  test('v5 [MQTT-4.12.0-4] a wrong answer is refused and ends the connection', withTwoSteps, async (stage) => {
    const peer = await asked(stage)
    peer.send(auth('18', 'somebody else'), mqtt`c0 00`)
    const { code, before } = await peer.ending()
    assert.ok(code === undefined || code >= 0x80, `${code}`)
    assert.deepEqual(before.map(String), [])
  })

  test('v5 [MQTT-4.12.0-4] a client that leaves in the middle is let go', withTwoSteps, async (stage) => {
    const peer = await asked(stage)
    peer.send(mqtt`e0 00`)
    assert.deepEqual((await peer.ending()).before.map(String), [])
  })

  test('v5 [MQTT-4.12.0-5] AUTH and CONNACK bear the method of CONNECT', withTwoSteps, async (stage) => {
    const peer = await authenticated(stage)
    peer.send(auth('19', 'hello'))
    assert.equal(propertyOf(disconnectOf(await peer.expect('AUTH')).properties, 0x15), method)
  })

  test(
    'v5 [MQTT-4.12.0-5] AUTH of a client with another method, or none, ends the connection',
    withTwoSteps,
    async (stage) => {
      for (const wrong of [auth('18', 'me', 'OTHER'), mqtt`f0 __ 18 {16 "me"}`, mqtt`f0 00`]) {
        const peer = await asked(stage)
        peer.send(wrong)
        await peer.closes(malformedPacket, protocolError, badMethod, notAuthorized)
      }
    },
  )

  test(
    'v5 [MQTT-4.12.0-6] a client that names no method gets none in CONNACK, and no AUTH',
    withTwoSteps,
    async ({ connect }) => {
      const peer = await connect()
      assert.equal(propertyOf(peer.connack?.properties ?? [], 0x15), undefined)
      assert.equal(propertyOf(peer.connack?.properties ?? [], 0x16), undefined)
      await peer.silent()
    },
  )

  test('v5 [MQTT-4.12.0-7] AUTH of a client that named no method ends the connection', withTwoSteps, (stage) =>
    eachCloses(stage, [auth('18', 'me'), auth('19', 'hello')], protocolError),
  )

  test('v5 [MQTT-4.12.1-1] re-authentication by the same method, while messages flow', withTwoSteps, async (stage) => {
    const { name, connect } = stage
    const [peer, publisher] = [await authenticated(stage), await connect()]
    await subscribe(peer, `${name}/#`)
    peer.send(auth('19', 'hello'))
    assert.equal(disconnectOf(await peer.expect('AUTH')).code, 0x18)
    await publish(publisher, `${name}/a`, 'meanwhile')
    assert.equal((await peer.publish()).payload, 'meanwhile')
    peer.send(auth('18', 'me'))
    const { code, properties } = disconnectOf(await peer.expect('AUTH'))
    assert.deepEqual([code, propertyOf(properties, 0x15), `${propertyOf(properties, 0x16)}`], [0, method, 'welcome'])
    await peer.silent()
  })

  test('v5 [MQTT-4.12.1-1] re-authentication by another method ends the connection', withTwoSteps, async (stage) => {
    const peer = await authenticated(stage)
    peer.send(auth('19', 'hello', 'OTHER'))
    await peer.closes(protocolError, badMethod, notAuthorized)
  })

  test('v5 [MQTT-4.12.1-2] a re-authentication that fails ends the connection', withTwoSteps, async (stage) => {
    const first = await authenticated(stage)
    first.send(auth('19', 'goodbye'))
    assert.deepEqual((await first.closes(notAuthorized)).before.map(String), [])
    const second = await authenticated(stage)
    second.send(auth('19', 'hello'))
    await second.expect('AUTH')
    second.send(auth('18', 'somebody else'))
    assert.deepEqual((await second.closes(notAuthorized)).before.map(String), [])
  })
})
