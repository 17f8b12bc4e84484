/** Hooks as an embedding program writes them, made into the broker's ports. */
import {
  type AccessAction,
  type AccessControl,
  allowAll,
  anonymousIdentity,
  type BrokerEvent,
  badCredentials,
  type Candidate,
  type Hooks,
  type Identity,
} from '@hawser/broker'

/** True: in, as whom it says it is. A value: in, as that user. False: refused with 0x86 (3.1.1: 4). */
export type Login = boolean | { readonly username?: string; readonly roles?: readonly string[] }

export interface EmbedHooks extends Hooks {
  /** Who may connect. Without it: whoever reaches a listener. */
  readonly authenticate?: (candidate: Candidate) => Login | Promise<Login>
  /** What a client may publish, subscribe to and receive. Without it: everything but writing `$SYS`. */
  readonly authorize?: (identity: Identity, action: AccessAction, topic: string) => boolean | Promise<boolean>
  /** Told at once what happens to clients and sessions; it may not wait. */
  readonly event?: (event: BrokerEvent) => void
}

const asClaimed = ({ username }: Candidate): Exclude<Login, boolean> => (username === undefined ? {} : { username })

export function accessOf({ authenticate, authorize }: EmbedHooks): AccessControl {
  return {
    ...allowAll,
    ...(authenticate && {
      async authenticate(candidate) {
        const login = await authenticate(candidate)
        if (login === false) return badCredentials()
        const { username, roles = [] }: Exclude<Login, boolean> = login === true ? asClaimed(candidate) : login
        return { kind: 'accepted', identity: { ...anonymousIdentity(candidate), username, roles } }
      },
    }),
    ...(authorize && { authorize }),
  }
}
