/** The port for who may do what. Methods of authentication and rules live outside the broker and arrive through it. */
import type { ConnectPacket } from '@hawser/codec'

export interface Identity {
  readonly clientId: string
  readonly username: string | undefined
  readonly listener: string
  readonly remoteAddress: string
}

export type Authentication =
  | { readonly kind: 'accepted' }
  /** A CONNACK reason code of MQTT 5.0, 0x80 or above. */
  | { readonly kind: 'refused'; readonly reasonCode: number }

export interface AccessControl {
  authenticate(identity: Identity, connect: ConnectPacket): Promise<Authentication>
  mayPublish(identity: Identity, topic: string): boolean
  maySubscribe(identity: Identity, filter: string): boolean
}

/** Whoever reaches the listener may do anything: for loopback, and where it is said. */
export const allowAll: AccessControl = {
  authenticate: async () => ({ kind: 'accepted' }),
  mayPublish: () => true,
  maySubscribe: () => true,
}
