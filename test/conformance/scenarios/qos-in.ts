/** Section 4.3: the server as receiver of QoS 1 and 2, the same in both versions. */
import assert from 'node:assert/strict'
import { mqtt, u16 } from '../peer/bytes.ts'
import { publishPacket, subscribe } from '../peer/shorthand.ts'
import type { Stage } from '../suite.ts'
import { payloads, receive } from './support.ts'

export async function qos1Acknowledged(stage: Stage): Promise<void> {
  const { name, version, connect } = stage
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, name, 1)
  for (const packetId of [1, 1_000, 65_535]) {
    publisher.send(publishPacket(version, name, `${packetId}`, { qos: 1, packetId }))
    assert.equal((await publisher.acknowledgement('PUBACK')).packetId, packetId)
    // It has accepted ownership: whatever becomes of the publisher, the message is delivered.
    assert.equal((await subscriber.publish()).payload, `${packetId}`)
  }
}

export async function qos1NewAfterPuback({ name, version, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, name, 1)
  for (const duplicate of [false, true, false]) {
    publisher.send(publishPacket(version, name, `${duplicate}`, { qos: 1, packetId: 7, duplicate }))
    assert.equal((await publisher.acknowledgement('PUBACK')).packetId, 7)
  }
  const came = await receive(subscriber, 3)
  assert.deepEqual(payloads(came), ['false', 'true', 'false'])
  // DUP of what came in says nothing about what goes out.
  assert.ok(came.every(({ duplicate }) => !duplicate))
}

/** When it is delivered, at PUBREC or at PUBREL, is the server's choice; that it is, is not. */
export async function qos2Received({ name, version, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, name, 1)
  for (const packetId of [65_535, 2]) {
    publisher.send(publishPacket(version, name, `${packetId}`, { qos: 2, packetId }))
    assert.equal((await publisher.acknowledgement('PUBREC')).packetId, packetId)
    publisher.send(mqtt`62 02 ${u16(packetId)}`)
    await publisher.acknowledgement('PUBCOMP')
  }
  await publisher.vanish()
  assert.deepEqual(payloads(await receive(subscriber, 2)), ['65535', '2'])
}

export async function qos2DuplicatesOnce({ name, version, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, name, 2)
  for (const duplicate of [false, true, true, false]) {
    publisher.send(publishPacket(version, name, 'once', { qos: 2, packetId: 9, duplicate }))
    assert.equal((await publisher.acknowledgement('PUBREC')).packetId, 9)
  }
  publisher.send(mqtt`62 02 0009`)
  assert.equal((await publisher.acknowledgement('PUBCOMP')).packetId, 9)
  assert.deepEqual(payloads(await subscriber.publishes()), ['once'])
}

/** The identifiers are remembered with the session: a resend on the next connection is no new message either. */
export async function qos2DuplicatesOnceAfterResume(stage: Stage): Promise<void> {
  const { name, version, connect } = stage
  const session = { clientId: `${name}publisher`, clean: false, sessionExpirySeconds: 3_600 }
  const subscriber = await connect()
  await subscribe(subscriber, name, 2)
  const first = await connect(session)
  first.send(publishPacket(version, name, 'once', { qos: 2, packetId: 9 }))
  await first.acknowledgement('PUBREC')
  await first.vanish()
  const second = await connect(session)
  second.send(publishPacket(version, name, 'once', { qos: 2, packetId: 9, duplicate: true }))
  await second.acknowledgement('PUBREC')
  second.send(mqtt`62 02 0009`)
  await second.acknowledgement('PUBCOMP')
  assert.deepEqual(payloads(await subscriber.publishes()), ['once'])
}

export async function pubrelCompleted({ name, version, connect }: Stage): Promise<void> {
  const publisher = await connect()
  const packetIds = [40, 3, 65_535]
  publisher.send(...packetIds.map((packetId) => publishPacket(version, name, 'x', { qos: 2, packetId })))
  for (const packetId of packetIds) assert.equal((await publisher.acknowledgement('PUBREC')).packetId, packetId)
  publisher.send(mqtt`62 02 ffff`, mqtt`62 02 0028`, mqtt`62 02 0003`)
  for (const packetId of [65_535, 40, 3]) {
    const { packetId: completed, code } = await publisher.acknowledgement('PUBCOMP')
    assert.deepEqual([completed, code], [packetId, 0])
  }
}

export async function qos2NewAfterPubcomp({ name, version, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, name, 2)
  for (const duplicate of [false, true, false]) {
    publisher.send(publishPacket(version, name, `${duplicate}`, { qos: 2, packetId: 5, duplicate }))
    assert.equal((await publisher.acknowledgement('PUBREC')).packetId, 5)
    publisher.send(mqtt`62 02 0005`)
    assert.equal((await publisher.acknowledgement('PUBCOMP')).packetId, 5)
  }
  assert.deepEqual(payloads(await receive(subscriber, 3)), ['false', 'true', 'false'])
}
