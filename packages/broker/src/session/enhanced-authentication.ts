/**
 * Enhanced authentication on one connection, section 4.12 of 5.0: at CONNECT, and again whenever the client wants. What
 * a method asks and answers is behind the port `AuthenticationExchange`; here is only who may speak when.
 */
import { type AuthPacket, type Properties, reasonCode } from '@hawser/codec'
import { type Authentication, type Candidate, refused } from '../access.ts'
import { rightsChanged } from '../rights/rights-changed.ts'
import { expiresAtMs } from './connack.ts'
import type { Connection } from './connection.ts'
import { pauseCause } from './pause-cause.ts'

export class EnhancedAuthentication {
  readonly method: string
  readonly #connection: Connection
  readonly #candidate: Candidate
  /** Takes the client's next AUTH while the exchange waits for it. */
  #answer: ((packet: AuthPacket | undefined) => void) | undefined
  /** When the exchange that is under way began, on the monotonic clock. */
  #startedAtMs: number | undefined

  constructor(connection: Connection, method: string, candidate: Candidate) {
    this.#connection = connection
    this.method = method
    this.#candidate = candidate
  }

  /** One exchange, from the client's first data to its end. */
  async run(data: Uint8Array | undefined): Promise<Authentication> {
    const { access, limits, clock } = this.#connection.services
    const exchange = access.exchange(this.method, this.#candidate)
    // [MQTT-4.12.0-1]
    if (exchange === undefined) return refused(reasonCode.badAuthenticationMethod, 'bad-method')
    this.#startedAtMs = clock.monotonicMs()
    let step = await exchange.next(data)
    for (let steps = 1; step.kind === 'continue'; steps++) {
      if (steps >= limits.authenticationStepsMax) return refused(reasonCode.notAuthorized, 'bad-credentials')
      const answer = await this.#challenge(step.data)
      if (answer === undefined) return refused(reasonCode.notAuthorized, 'bad-credentials')
      step = await exchange.next(answer.properties.authenticationData)
    }
    this.#startedAtMs = undefined
    return step
  }

  /** AUTH from the client. */
  received(packet: AuthPacket): void {
    const connection = this.#connection
    // [MQTT-4.12.0-5] [MQTT-4.12.1-1]
    if (packet.properties.authenticationMethod !== this.method) {
      return connection.fault({
        reasonCode: reasonCode.protocolError,
        message: 'AUTH of another method than that of CONNECT [MQTT-4.12.0-5]',
      })
    }
    if (packet.reasonCode === reasonCode.continueAuthentication) return this.#continued(packet)
    // Section 4.12.1: only when CONNACK has been sent, and one after another.
    if (connection.stage !== 'connected' || this.#startedAtMs !== undefined) {
      return connection.fault({
        reasonCode: reasonCode.protocolError,
        message: 're-authentication during an authentication',
      })
    }
    this.run(packet.properties.authenticationData).then(
      (authentication) => this.#reauthenticated(authentication),
      (error: unknown) => connection.services.failed(connection, error),
    )
  }

  /** Whether an exchange has been under way for longer than it may be. */
  overdue(nowMs: number): boolean {
    const { connectMsMax } = this.#connection.services.limits
    return this.#startedAtMs !== undefined && nowMs - this.#startedAtMs > connectMsMax
  }

  /** The connection is over: who waits for its answer need not. */
  closed(): void {
    this.#answer?.(undefined)
    this.#answer = undefined
  }

  #continued(packet: AuthPacket): void {
    const answer = this.#answer
    this.#answer = undefined
    if (answer !== undefined) {
      if (this.#connection.stage === 'connecting') this.#connection.hold(pauseCause.connecting)
      return answer(packet)
    }
    // [MQTT-4.12.0-3]: it answers an AUTH of the server's.
    this.#connection.fault({ reasonCode: reasonCode.protocolError, message: 'AUTH that nobody asked for' })
  }

  /** [MQTT-4.12.0-2] */
  #challenge(data: Uint8Array): Promise<AuthPacket | undefined> {
    const connection = this.#connection
    if (connection.stage === 'closed') return Promise.resolve(undefined)
    const answered = new Promise<AuthPacket | undefined>((resolve) => {
      this.#answer = resolve
    })
    this.#send(reasonCode.continueAuthentication, data)
    // Before CONNACK the client is heard only while it has something to say.
    if (connection.stage === 'connecting') connection.goOn(pauseCause.connecting)
    return answered
  }

  /** Other packets went on flowing meanwhile, under the rights of before. [MQTT-4.12.1-2] */
  #reauthenticated(authentication: Authentication): void {
    const connection = this.#connection
    const { services } = connection
    if (connection.stage !== 'connected') return
    services.counters.authentications[authentication.kind === 'refused' ? authentication.result : 'accepted']++
    // The session belongs to who opened it.
    if (authentication.kind === 'refused' || authentication.identity.username !== connection.identity?.username) {
      return connection.disconnect(reasonCode.notAuthorized, 're-authentication failed')
    }
    connection.identity = authentication.identity
    connection.identityExpiresAtMs = expiresAtMs(connection, authentication.identity)
    rightsChanged(services, [connection])
    this.#send(reasonCode.success, authentication.data)
  }

  #send(code: number, data: Uint8Array | undefined): void {
    const properties: Properties = {
      authenticationMethod: this.method,
      ...(data !== undefined && { authenticationData: data }),
    }
    this.#connection.send({ type: 'auth', reasonCode: code, properties })
  }
}
