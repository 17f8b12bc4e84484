/** The port of a way to log in. A method knows nothing of chains, listeners or the broker's connections. */
import { type Authentication, type Candidate, type ExchangeStep, type Identity, refused } from '@hawser/broker'
import { reasonCode } from '@hawser/codec'

/** What a method has found out; the rest of an identity is what the candidate's connection says. */
export type Proved = Pick<Identity, 'username' | 'roles' | 'rules' | 'expiresAt'>

export type Refusal = Extract<Authentication, { kind: 'refused' }>

export interface Accepted {
  readonly kind: 'accepted'
  readonly proved: Proved
  /** Client ids that are bound to users are no matter to it. */
  readonly anyClientId?: boolean
  /** Whether what was proved still is so: asked after files have changed. */
  readonly holds?: () => boolean
}

export type Verdict =
  | Accepted
  | Refusal
  /** There are no credentials of its kind: the next one in the chain is asked. */
  | { readonly kind: 'not-mine' }

export interface AuthenticationMethod extends AsyncDisposable {
  /** As the configuration writes it in `chain`. */
  readonly name: string
  /** It never rejects: what it cannot find out, it refuses. */
  authenticate(candidate: Candidate): Verdict | Promise<Verdict>
  /** Whether there is such a user; without it nobody can tell beforehand. */
  knows?(username: string): boolean
}

export type ProvedStep = Verdict | Extract<ExchangeStep, { kind: 'continue' }>

export interface ProvingExchange {
  next(data: Uint8Array | undefined): Promise<ProvedStep & { readonly data?: Uint8Array }>
}

/** A way to log in by an exchange of AUTH packets: section 4.12. */
export interface ExchangeMethod extends AsyncDisposable {
  readonly name: string
  /** The Authentication Method on the wire. */
  readonly mechanism: string
  begin(candidate: Candidate): ProvingExchange
  knows?(username: string): boolean
}

export const notMine: Verdict = { kind: 'not-mine' }

export const accepted = (username: string | undefined, further: Partial<Proved> = {}): Accepted => ({
  kind: 'accepted',
  proved: { username, roles: [], rules: undefined, expiresAt: undefined, ...further },
})

/** One answer for an unknown user and a wrong secret. 3.1.1 has a code of its own for it too. */
export const wrongCredentials: Refusal = refused(reasonCode.badUserNameOrPassword, 'bad-credentials')
/** The same where AUTH carried the proof: DISCONNECT knows no 0x86. */
export const wrongProof: Refusal = refused(reasonCode.notAuthorized, 'bad-credentials')
/** Too many wait already. */
export const tooBusy: Refusal = refused(reasonCode.serverBusy, 'unavailable')
/** Whoever should judge cannot be asked. */
export const unavailable: Refusal = refused(reasonCode.serverUnavailable, 'unavailable')
