import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { hashForScram, scramText } from '@hawser/auth'
import { seededRandom } from '@hawser/std'
import mqtt, { type IConnackPacket, type MqttClient } from 'mqtt'
import { codeOf } from './answer.ts'
import { hawserWith } from './hawser-with.ts'

/** The SCRAM of node-postgres over the AUTH packets of mqtt.js: neither is ours. It always says `*` for its name. */
interface PostgresSession {
  response: string
}
interface PostgresClient {
  startSession(mechanisms: readonly string[]): PostgresSession
  continueSession(session: PostgresSession, password: string, serverData: string): Promise<void>
  finalizeSession(session: PostgresSession, serverData: string): void
}
const postgres = createRequire(import.meta.url)('pg/lib/crypto/sasl') as PostgresClient

const mechanism = 'SCRAM-SHA-256'

/** 0 and the server's last word where it let us in; else its reason code. */
async function logIn(port: number, password: string, as = (text: string): string => text) {
  const { client, ...outcome } = await connect(port, password, as)
  client.end(true)
  return outcome
}

async function connect(port: number, password: string, as = (text: string): string => text) {
  const session = postgres.startSession([mechanism])
  const client: MqttClient = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 5,
    reconnectPeriod: 0,
    properties: { authenticationMethod: mechanism, authenticationData: Buffer.from(as(session.response)) },
  })
  client.handleAuth = ({ properties }, answer) => {
    const challenge = String(properties?.authenticationData)
    postgres.continueSession(session, password, challenge).then(
      () =>
        answer(undefined, {
          cmd: 'auth',
          reasonCode: 0x18,
          properties: { authenticationMethod: mechanism, authenticationData: Buffer.from(session.response) },
        }),
      (error: Error) => answer(error),
    )
  }
  try {
    const connack = await new Promise<IConnackPacket>((resolve, reject) => {
      client.once('connect', resolve)
      client.once('error', reject)
    })
    const proof = String(connack.properties?.authenticationData)
    postgres.finalizeSession(session, proof)
    return { client, code: 0, proof }
  } catch (error) {
    return { client, code: (error as { readonly code?: number }).code, proof: undefined }
  }
}

/** AUTH as mqtt.js writes it, though it has no call of its own for authenticating again. */
interface SendsPackets {
  _sendPacket(packet: object): void
}

/** 0 and the server's last word; else the code of its DISCONNECT. */
async function logInAgain(client: MqttClient, password: string) {
  const session = postgres.startSession([mechanism])
  const auth = (reasonCode: number) => ({
    cmd: 'auth' as const,
    reasonCode,
    properties: { authenticationMethod: mechanism, authenticationData: Buffer.from(session.response) },
  })
  return new Promise<{ readonly code: number | undefined; readonly proof?: string }>((resolve) => {
    client.once('disconnect', ({ reasonCode }) => resolve({ code: reasonCode }))
    client.handleAuth = ({ reasonCode, properties }, answer) => {
      const data = String(properties?.authenticationData)
      if (reasonCode === 0) {
        answer(undefined)
        postgres.finalizeSession(session, data)
        return resolve({ code: 0, proof: data })
      }
      void postgres.continueSession(session, password, data).then(() => answer(undefined, auth(0x18)))
    }
    ;(client as unknown as SendsPackets)._sendPacket(auth(0x19))
  })
}

describe('SCRAM-SHA-256, on the wire', async () => {
  const hash = scramText(await hashForScram('pencil of ann', seededRandom(5), 4_096))
  const files = {
    'hawser.yaml': 'auth:\n  password: { file: passwords }\n  scram: {}\n',
    passwords: `*:${hash}\n`,
  }

  it('proves both sides; a wrong password and an unknown user are refused alike: 0x87', async () => {
    await using broker = await hawserWith(files)
    const good = await logIn(broker.port, 'pencil of ann')
    assert.equal(good.code, 0)
    assert.match(good.proof ?? '', /^v=/)
    assert.equal((await logIn(broker.port, 'pen')).code, 0x87)
    assert.equal((await logIn(broker.port, 'pencil of ann', (text) => text.replace('n=*', 'n=x'))).code, 0x87)
    broker.hawser.kill('SIGTERM')
    const { stdout, stderr } = await broker.hawser.ended
    for (const secret of ['pencil', hash]) assert.equal(`${stdout}${stderr}`.includes(secret), false)
  })

  it('proves itself again on a live connection, and ends it with 0x87 where it cannot', async () => {
    await using broker = await hawserWith(files)
    const { client, code } = await connect(broker.port, 'pencil of ann')
    assert.equal(code, 0)
    const again = await logInAgain(client, 'pencil of ann')
    assert.equal(again.code, 0)
    assert.match(again.proof ?? '', /^v=/)
    await client.publishAsync('still', 'here', { qos: 1 })
    assert.equal((await logInAgain(client, 'pen')).code, 0x87)
    client.end(true)
  })

  it('is refused with 0x8C where it is not offered; its hashes serve a plain password too', async () => {
    await using broker = await hawserWith({ ...files, 'hawser.yaml': 'auth:\n  password: { file: passwords }\n' })
    assert.equal((await logIn(broker.port, 'pencil of ann')).code, 0x8c)
    const url = `mqtt://127.0.0.1:${broker.port}`
    assert.equal(await codeOf(url, { protocolVersion: 5, username: '*', password: 'pencil of ann' }), 0)
    assert.equal(await codeOf(url, { protocolVersion: 5, username: '*', password: 'pen' }), 0x86)
  })
})
