/** What is wrong with rules though each can be used. */
import type { RuleSettings, RulesSettings, Sample } from './settings.ts'

export interface RuledSettings extends RulesSettings {
  readonly samples: readonly Sample[]
}

/** A line each. */
export function rulesFaults({ rules, samples }: RuledSettings): readonly string[] {
  const tried = new Set(samples.map(({ expect }) => expect.rule))
  return rules.flatMap((rule, index) => {
    const before = rules.slice(0, index).find((one) => takesAllOf(one, rule))
    if (before !== undefined) return [`${rule.name} is never reached: ${before.name} takes all that it would`]
    return tried.has(rule.name) ? [] : [`no sample is expected to match ${rule.name}`]
  })
}

const takesAllOf = (before: RuleSettings, rule: RuleSettings): boolean =>
  before.when === undefined && (before.filter === undefined || before.filter === '#' || before.filter === rule.filter)
