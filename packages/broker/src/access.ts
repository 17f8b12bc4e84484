/** The port for who may do what. Methods of authentication and rules live outside the broker and arrive through it. */
import { type ProtocolVersion, reasonCode } from '@hawser/codec'
import type { EpochMicros } from '@hawser/std'

/** What a client's certificate says, where its listener asked for one and found it good. */
export interface ClientCertificate {
  /** As RFC 2253 writes it: `CN=pump-7,O=Works`. */
  readonly subject: string
  readonly commonName: string | undefined
  /** Hexadecimal, in capitals, with colons. */
  readonly fingerprint256: string
}

/** Who asks to be let in, and what it says of itself. */
export interface Candidate {
  readonly clientId: string
  /** The client sent none, and the broker has chosen. */
  readonly clientIdAssigned: boolean
  readonly version: ProtocolVersion
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
  readonly certificate: ClientCertificate | undefined
  readonly listener: string
  readonly remoteAddress: string
}

export const accessActions = ['publish', 'subscribe', 'receive'] as const
export type AccessAction = (typeof accessActions)[number]

/** One rule that came with a credential. The first that matches decides. */
export interface AccessRule {
  readonly permission: 'allow' | 'deny'
  readonly actions: readonly AccessAction[]
  /** A topic filter without variables. */
  readonly filter: string
}

/** Who a client has proved to be. It holds as long as its connection, or until it authenticates again. */
export interface Identity {
  readonly clientId: string
  /** Proved, not only claimed; undefined for an anonymous client. A session belongs to it. */
  readonly username: string | undefined
  readonly certificate: ClientCertificate | undefined
  readonly listener: string
  readonly remoteAddress: string
  readonly roles: readonly string[]
  /** Rules of the credential itself (claims of a token); undefined where it bears none. */
  readonly rules: readonly AccessRule[] | undefined
  /** The credential ends then, and the connection with it; undefined: never. */
  readonly expiresAt: EpochMicros | undefined
}

/** What came of an attempt, for counters and logs: never the secret, never which half of it was wrong. */
export const authenticationResults = [
  'accepted',
  /** Unknown user, wrong secret, bad or expired token, wrong proof: nobody can tell which from outside. */
  'bad-credentials',
  /** Nothing that a configured method could judge. */
  'no-credentials',
  'not-authorized',
  'bad-method',
  /** A method could not be asked (timeout, callback down): closed, not open. */
  'unavailable',
  'banned',
] as const
export type AuthenticationResult = (typeof authenticationResults)[number]

export type Authentication =
  | {
      readonly kind: 'accepted'
      readonly identity: Identity
      /** Authentication Data of an enhanced authentication's last packet. */
      readonly data?: Uint8Array
    }
  | {
      readonly kind: 'refused'
      /** A CONNACK reason code of MQTT 5.0, 0x80 or above. */
      readonly reasonCode: number
      readonly result: Exclude<AuthenticationResult, 'accepted'>
    }

export type ExchangeStep = Authentication | { readonly kind: 'continue'; readonly data: Uint8Array }

/** One enhanced authentication under way: section 4.12. */
export interface AuthenticationExchange {
  next(data: Uint8Array | undefined): Promise<ExchangeStep>
}

export interface AccessControl {
  authenticate(candidate: Candidate): Promise<Authentication>
  /** Undefined where the method is not offered: 0x8C. */
  exchange(method: string, candidate: Candidate): AuthenticationExchange | undefined
  /**
   * Whether a client may do this. `topic` is a topic name; of a subscription its filter, without `$share/…/`. A
   * promise only where somebody else must be asked; the caller remembers no answer longer than until `onChange`.
   */
  authorize(identity: Identity, action: AccessAction, topic: string): boolean | Promise<boolean>
  /**
   * Whether who was let in would still be: a user may have been removed since. Asked after a change; who does not
   * stand any more is disconnected. Without it: everybody.
   */
  stands?(identity: Identity): boolean
  /** Rights may have changed: every answer given so far is to be asked for again. */
  onChange(listener: () => void): Disposable
}

export const anonymousIdentity = (candidate: Candidate): Identity => ({
  clientId: candidate.clientId,
  username: undefined,
  certificate: candidate.certificate,
  listener: candidate.listener,
  remoteAddress: candidate.remoteAddress,
  roles: [],
  rules: undefined,
  expiresAt: undefined,
})

/** Whoever reaches the listener may do anything: for loopback, and where it is said. A user name is a claim only. */
export const allowAll: AccessControl = {
  authenticate: async (candidate) => ({ kind: 'accepted', identity: anonymousIdentity(candidate) }),
  exchange: () => undefined,
  authorize: () => true,
  onChange: () => ({ [Symbol.dispose]: () => undefined }),
}

export const refused = (
  code: number,
  result: Exclude<AuthenticationResult, 'accepted'>,
): Extract<Authentication, { kind: 'refused' }> => ({ kind: 'refused', reasonCode: code, result })

export const badCredentials = (): Authentication => refused(reasonCode.badUserNameOrPassword, 'bad-credentials')
