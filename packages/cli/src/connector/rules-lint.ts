/** What is wrong with rules though each can be used. */
import { isDeepStrictEqual } from 'node:util'
import { covers, overlaps } from '@hawser/auth/filters'
import { placeNamesIn, type RuleSettings } from '@hawser/connect/rules'
import type { ConfigurationReader } from '../config/configuration.ts'

/** What of a connector rules are judged by; what else it is told stands beside, its templates too. */
export type Linted = Pick<ConfigurationReader, 'filters' | 'rules' | 'samples'>

/** A line each. */
export function rulesFaults(connector: Linted): readonly string[] {
  const { filters, rules, samples } = connector
  const tried = new Set(samples.map(({ expect }) => expect.rule))
  const routeIsRead = readsRoute(connector)
  return rules.flatMap(({ name, ...rule }, index) => {
    const before = rules.slice(0, index).find((one) => takesAllOf(one, rule))
    if (before !== undefined) return [`${name} is never reached: ${before.name} takes all that it would`]
    return [
      ...(comesBy(rule, filters) ? [] : [`${name} is never reached: no filter of the connector lets its topics in`]),
      ...(rule.route === undefined || routeIsRead ? [] : [`no template of the connector reads the route of ${name}`]),
      ...(tried.has(name) ? [] : [`no sample is expected to match ${name}`]),
    ]
  })
}

type Matching = Pick<RuleSettings, 'filter' | 'when'>

const comesBy = ({ filter }: Matching, filters: readonly string[]): boolean =>
  filter === undefined || filters.some((one) => overlaps(one, filter))

/** Whatever the later one matches has the topic and meets each condition of the earlier one too. */
const takesAllOf = (before: Matching, rule: Matching): boolean =>
  (before.filter === undefined || covers(before.filter, rule.filter ?? '#')) &&
  (before.when ?? []).every((condition) => rule.when?.some((other) => isDeepStrictEqual(condition, other)) ?? false)

/** A rule's own templates do not: where one matches, no other is asked. */
const readsRoute = ({ rules: _rules, samples: _samples, ...settings }: Linted): boolean =>
  textsIn(settings).some((text) => placeNamesIn(text).includes('route'))

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
