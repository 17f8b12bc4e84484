/** Rules as they are configured: data, so that they can be read, checked and tried without a broker. */

/** At least one of the tests; all that are given must hold. Without the place in the message only `present: false` does. */
export interface Condition {
  /** As between the braces of a template: `payload.temperature`, `topic.2`, `property.site|client_id`. */
  readonly place: string
  readonly is?: string | number | boolean | readonly (string | number | boolean)[]
  readonly above?: number
  readonly below?: number
  readonly present?: boolean
  /** Whether a text in the payload may be a number or a boolean. */
  readonly coerce?: boolean
}

/** What becomes of a message that it matches. Fields are those of the JSON object that the payload is. */
export interface RuleSettings {
  readonly name: string
  /** Topic filter; without one any topic. */
  readonly filter?: string
  /** All must hold. */
  readonly when?: readonly Condition[]
  readonly drop?: boolean
  /** Template of what `${route}` stands for in the templates of the connector. */
  readonly route?: string
  /** Fields that stay; all others go. */
  readonly keep?: readonly string[]
  readonly remove?: readonly string[]
  readonly rename?: readonly { readonly field: string; readonly to: string }[]
  /** Fields that become texts, by template. */
  readonly set?: readonly { readonly field: string; readonly to: string }[]
}

export interface RulesSettings {
  /** The first that matches decides. */
  readonly rules: readonly RuleSettings[]
  /** What becomes of a message that none matches. */
  readonly unmatched: 'pass' | 'drop'
}

/** Under this name stands what no rule has matched. */
export const unmatchedRule = 'unmatched'

/** A message that rules are tried with. */
export interface SampleMessage {
  readonly topic: string
  readonly payload: string
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  readonly clientId?: string
  readonly userProperties?: readonly { readonly name: string; readonly value: string }[]
}

/** A message, and what the rules must make of it. */
export interface Sample extends SampleMessage {
  readonly expect: {
    readonly rule: string
    readonly outcome: 'passed' | 'dropped' | 'failed'
    readonly route?: string
    readonly payload?: string
  }
}
