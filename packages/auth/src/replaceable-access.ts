/** Access control that a new configuration replaces while clients stay connected. */
import type {
  AccessAction,
  AccessControl,
  Authentication,
  AuthenticationExchange,
  Candidate,
  Identity,
} from '@hawser/broker'
import { disposable } from '@hawser/std'
import type { Access } from './access.ts'
import type { FileFault } from './reload.ts'

export class ReplaceableAccess implements Access {
  readonly #listeners = new Set<() => void>()
  #current: Access
  #told: Disposable

  constructor(first: Access) {
    this.#current = first
    this.#told = this.#listenTo(first)
  }

  /** The old one is closed: who it was about to judge is refused, not forgotten. */
  async replace(next: Access): Promise<void> {
    const old = this.#current
    this.#told[Symbol.dispose]()
    this.#current = next
    this.#told = this.#listenTo(next)
    this.#tell()
    await old[Symbol.asyncDispose]()
  }

  authenticate(candidate: Candidate): Promise<Authentication> {
    return this.#current.authenticate(candidate)
  }

  exchange(method: string, candidate: Candidate): AuthenticationExchange | undefined {
    return this.#current.exchange(method, candidate)
  }

  authorize(identity: Identity, action: AccessAction, topic: string): boolean | Promise<boolean> {
    return this.#current.authorize(identity, action, topic)
  }

  stands(identity: Identity): boolean {
    return this.#current.stands?.(identity) ?? true
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return disposable(() => this.#listeners.delete(listener))
  }

  reload(): Promise<readonly FileFault[]> {
    return this.#current.reload()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#told[Symbol.dispose]()
    this.#listeners.clear()
    await this.#current[Symbol.asyncDispose]()
  }

  #listenTo(access: AccessControl): Disposable {
    return access.onChange(() => this.#tell())
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
