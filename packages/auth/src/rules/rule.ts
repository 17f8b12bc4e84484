/** Who may do what, as data. Files of other programs are read into these too. */
import type { AccessAction, AccessRule } from '@hawser/broker'

/**
 * Whom a rule is about. All that is given must hold, and of a list one; nothing given: everyone. A user name counts
 * only where it was proved.
 */
export interface RuleSubject {
  readonly users?: readonly string[] | undefined
  readonly roles?: readonly string[] | undefined
  readonly clientIds?: readonly string[] | undefined
  readonly listeners?: readonly string[] | undefined
  /** true: only who has proved nothing; false: only who has. */
  readonly anonymous?: boolean | undefined
}

/** As a credential's, and its filter may hold `%u` for the user name and `%c` for the client id. */
export interface Rule extends AccessRule {
  readonly subject: RuleSubject
}

export interface RuleSet {
  /** In order: the first that matches decides. */
  readonly rules: readonly Rule[]
  /** What holds where no rule matches. */
  readonly otherwise: 'allow' | 'deny'
  /**
   * Whether subscriptions are judged, or let through because each message is judged when it is delivered: what
   * Mosquitto's files mean.
   */
  readonly subscriptions: 'judged' | 'at-delivery'
  /** Beside the roles that a credential brings: from user name to roles. */
  readonly roles?: ReadonlyMap<string, readonly string[]>
}

export const openRules: RuleSet = { rules: [], otherwise: 'allow', subscriptions: 'judged' }

export const publishing: readonly AccessAction[] = ['publish']
export const reading: readonly AccessAction[] = ['subscribe', 'receive']
export const readingAndPublishing: readonly AccessAction[] = ['publish', 'subscribe', 'receive']
