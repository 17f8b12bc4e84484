/** How a node proves to the servers who it is. */
import { credsAuthenticator, type NodeConnectionOptions, nkeyAuthenticator } from '@nats-io/transport-node'

/** At most one of user, token, NKey and file of credentials. */
export interface NatsCredentials {
  readonly username?: string
  readonly password?: string
  readonly token?: string
  /** Of an NKey: `SU…`. */
  readonly nkeySeed?: string
  /** The text of a file of JWT and NKey. */
  readonly credentials?: string
  /** As PEM. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

export type ConnectsAs = Pick<NodeConnectionOptions, 'user' | 'pass' | 'token' | 'authenticator' | 'tls'>

export function connectsAs({ username, password, token, nkeySeed, credentials, tls }: NatsCredentials): ConnectsAs {
  return {
    ...(username === undefined || password === undefined ? {} : { user: username, pass: password }),
    ...(token === undefined ? {} : { token }),
    ...(nkeySeed === undefined ? {} : { authenticator: nkeyAuthenticator(Buffer.from(nkeySeed)) }),
    ...(credentials === undefined ? {} : { authenticator: credsAuthenticator(Buffer.from(credentials)) }),
    ...(tls === undefined ? {} : { tls }),
  }
}
