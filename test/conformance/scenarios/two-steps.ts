/** A method of enhanced authentication that says one thing and wants one answer, so that cases see the packets of it. */
import assert from 'node:assert/strict'
import {
  type AuthenticationExchange,
  allowAll,
  anonymousIdentity,
  type Candidate,
  type ExchangeStep,
  refused,
} from '../../../packages/broker/src/access.ts'
import { mqtt, u16 } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { propertyOf } from '../peer/received.ts'
import { connackOf, disconnectOf } from '../peer/views.ts'
import type { OwnBroker, Stage } from '../suite.ts'

export const method = 'TWO-STEPS'
const notAuthorized = 0x87

class Exchange implements AuthenticationExchange {
  readonly #candidate: Candidate
  #asked = false

  constructor(candidate: Candidate) {
    this.#candidate = candidate
  }

  async next(data: Uint8Array | undefined): Promise<ExchangeStep> {
    const said = Buffer.from(data ?? []).toString()
    if (!this.#asked && said === 'hello') {
      this.#asked = true
      return { kind: 'continue', data: Buffer.from('who?') }
    }
    if (!this.#asked || said !== 'me') return refused(notAuthorized, 'bad-credentials')
    return { kind: 'accepted', identity: anonymousIdentity(this.#candidate), data: Buffer.from('welcome') }
  }
}

export const withTwoSteps = (): OwnBroker => ({
  access: { ...allowAll, exchange: (name, candidate) => (name === method ? new Exchange(candidate) : undefined) },
})

/** AUTH with a reason code, a method and data, each of which may be wrong. */
export const auth = (code: string, data: string, name = method): Buffer =>
  mqtt`f0 __ ${Buffer.from(code, 'hex')} {15 ${name} 16 ${data}}`

/** Sends CONNECT with the method, and answers the peer with the server's first AUTH read. */
export async function asked({ name, open }: Stage, properties: Uint8Array = Buffer.alloc(0)): Promise<Peer> {
  const peer = await open()
  peer.send(mqtt`10 __ "MQTT" 05 02 ${u16(0)} {15 ${method} 16 "hello" ${properties}} ${name}`)
  const { code, properties: told } = disconnectOf(await peer.expect('AUTH'))
  assert.deepEqual([code, propertyOf(told, 0x15), `${propertyOf(told, 0x16)}`], [0x18, method, 'who?'])
  return peer
}

export async function authenticated(stage: Stage, properties?: Uint8Array): Promise<Peer> {
  const peer = await asked(stage, properties)
  peer.send(auth('18', 'me'))
  const connack = connackOf(await peer.expect('CONNACK'))
  assert.deepEqual([connack.code, propertyOf(connack.properties, 0x15)], [0, method])
  assert.equal(`${propertyOf(connack.properties, 0x16)}`, 'welcome')
  return peer
}
