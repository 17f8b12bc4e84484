/** Methods, rules and callbacks as the broker's port. */
import {
  type AccessAction,
  type AccessControl,
  type Authentication,
  type AuthenticationExchange,
  anonymousIdentity,
  type Candidate,
  type Identity,
  refused,
} from '@hawser/broker'
import { reasonCode } from '@hawser/codec'
import { disposable } from '@hawser/std'
import { anonymousMethod, openMethod } from './anonymous/anonymous-method.ts'
import { askInOrder, type Chain } from './chain/chain.ts'
import { type ClientIdBinding, isBound } from './client-id/binding.ts'
import { type Accepted, type ProvingExchange, unavailable } from './method.ts'
import type { FileFault, Reloadable } from './reload.ts'
import type { Rules } from './rules/rules.ts'

/** Asked where no rule matches. */
export interface Authorizer {
  authorize(identity: Identity, action: AccessAction, topic: string): boolean | Promise<boolean>
  /** Forgets what it has remembered. */
  forget(): void
  /** Its answers may have changed. */
  onChange?(listener: () => void): Disposable
}

export interface AccessOptions {
  /** Of listeners that have one of their own; all others have `chain`. */
  readonly chains: ReadonlyMap<string, Chain>
  readonly chain: Chain
  readonly binding: ClientIdBinding | undefined
  readonly rules: Rules
  readonly authorizer: Authorizer | undefined
  /** Files behind methods and rules. */
  readonly files: readonly Reloadable[]
  /** Closed with it. */
  readonly resources: readonly AsyncDisposable[]
  /** A method that broke its word and rejected; the client is refused. */
  readonly onFault: (what: string, error: unknown) => void
}

export interface Access extends AccessControl, AsyncDisposable {
  /** Reads the files again. What is wrong with one is told, and its old content stays in force. */
  reload(): Promise<readonly FileFault[]>
}

const foreignClientId = refused(reasonCode.clientIdentifierNotValid, 'not-authorized')

export class ConfiguredAccess implements Access {
  readonly #options: AccessOptions
  readonly #listeners = new Set<() => void>()

  readonly #heard: Disposable | undefined
  /** What makes an identity hold, as long as its connection. */
  readonly #holds = new WeakMap<Identity, () => boolean>()

  constructor(options: AccessOptions) {
    this.#options = options
    this.#heard = options.authorizer?.onChange?.(() => this.#changed())
  }

  async authenticate(candidate: Candidate): Promise<Authentication> {
    try {
      const verdict = await askInOrder(this.#chainOf(candidate), candidate)
      return verdict.kind === 'refused' ? verdict : this.#identify(candidate, verdict)
    } catch (error) {
      this.#options.onFault('authentication', error)
      return unavailable
    }
  }

  exchange(mechanism: string, candidate: Candidate): AuthenticationExchange | undefined {
    const method = this.#chainOf(candidate).exchanges.find((each) => each.mechanism === mechanism)
    return method === undefined ? undefined : this.#exchange(method.begin(candidate), candidate)
  }

  authorize(identity: Identity, action: AccessAction, topic: string): boolean | Promise<boolean> {
    // Whatever the rules say: it is the broker's own voice.
    if (action === 'publish' && isSystemTopic(topic)) return false
    const { rules, authorizer } = this.#options
    const permission = rules.permission(identity, action, topic)
    if (permission !== undefined) return permission === 'allow'
    if (authorizer !== undefined) return authorizer.authorize(identity, action, topic)
    return rules.otherwise(identity)
  }

  stands(identity: Identity): boolean {
    const holds = this.#holds.get(identity)
    if (holds !== undefined) return holds()
    // Let in by another configuration: what of this one would let it in?
    const { username } = identity
    const { methods, exchanges } = this.#chainOf(identity)
    if (username === undefined) return methods.some(({ name }) => nameless.includes(name))
    return [...methods, ...exchanges].some((method) => method.knows?.(username) ?? true)
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return disposable(() => this.#listeners.delete(listener))
  }

  async reload(): Promise<readonly FileFault[]> {
    const faults: FileFault[] = []
    for (const file of this.#options.files) faults.push(...(await file.reload()))
    this.#options.authorizer?.forget()
    this.#changed()
    return faults
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#options.resources) await resource[Symbol.asyncDispose]()
    this.#heard?.[Symbol.dispose]()
    this.#listeners.clear()
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  #chainOf({ listener }: Pick<Candidate, 'listener'>): Chain {
    return this.#options.chains.get(listener) ?? this.#options.chain
  }

  #identify(candidate: Candidate, { proved, anyClientId, holds }: Accepted): Authentication {
    const identity: Identity = { ...anonymousIdentity(candidate), ...proved }
    const { binding } = this.#options
    // An anonymous client has no name to be bound to.
    if (binding !== undefined && anyClientId !== true && !isBound(binding, identity)) return foreignClientId
    this.#holds.set(identity, holds ?? always)
    return { kind: 'accepted', identity }
  }

  #exchange(proving: ProvingExchange, candidate: Candidate): AuthenticationExchange {
    return {
      next: async (data) => {
        try {
          const step = await proving.next(data)
          if (step.kind === 'continue' || step.kind === 'refused') return step
          if (step.kind === 'not-mine') return refused(reasonCode.badAuthenticationMethod, 'bad-method')
          const identified = this.#identify(candidate, step)
          return identified.kind === 'refused' || step.data === undefined
            ? identified
            : { ...identified, data: step.data }
        } catch (error) {
          this.#options.onFault('enhanced authentication', error)
          return unavailable
        }
      },
    }
  }
}

const always = (): boolean => true

/** Methods that prove no name. */
const nameless: readonly string[] = [anonymousMethod.name, openMethod.name]

const isSystemTopic = (topic: string): boolean => topic === '$SYS' || topic.startsWith('$SYS/')
