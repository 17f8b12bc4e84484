import type { PasswordHasher } from '../password-file/hasher.ts'
import { systemHasher } from '../password-file/hasher.ts'

/** The real one, and how often it was asked, of which cost. */
export class CountingHasher implements PasswordHasher {
  readonly costs: string[] = []

  verify(...[stored, password]: Parameters<PasswordHasher['verify']>): Promise<boolean> {
    this.costs.push(stored.kind === 'argon2id' ? stored.parameters : stored.kind)
    return systemHasher.verify(stored, password)
  }
}

/** One whose answers come when the test says. */
export class HeldHasher implements PasswordHasher {
  readonly held: (() => void)[] = []

  verify(): Promise<boolean> {
    return new Promise((resolve) => this.held.push(() => resolve(true)))
  }
}
