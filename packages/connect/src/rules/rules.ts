/** The rules of one connector: what becomes of each message, and how often each rule has said so. */
import { type LogId, topicMatches } from '@hawser/engine'
import type { Judgement, Message, RuleFigures } from '../connector.ts'
import { RecordSource } from '../message/source.ts'
import { compileTemplate, type Template } from '../message/template.ts'
import { compileCondition, type Test } from './condition.ts'
import { compileMapping, type Mapping } from './mapping.ts'
import { type RuleSettings, type RulesSettings, unmatchedRule } from './settings.ts'

interface Compiled {
  readonly name: string
  readonly filter: string | undefined
  readonly tests: readonly Test[]
  readonly drop: boolean
  readonly route: Template | undefined
  readonly mapping: Mapping | undefined
}

export class Rules {
  readonly #rules: readonly Compiled[]
  readonly #unmatched: RulesSettings['unmatched']
  readonly #figures: Map<string, { name: string; matched: number; dropped: number; failed: number }>

  /** Throws `CONFIG_INVALID` where a template or a place is none. */
  constructor({ rules, unmatched }: RulesSettings) {
    this.#rules = rules.map(compile)
    this.#unmatched = unmatched
    const names = [...rules.map(({ name }) => name), unmatchedRule]
    this.#figures = new Map(names.map((name) => [name, { name, matched: 0, dropped: 0, failed: 0 }]))
  }

  judge(logId: LogId, message: Message): Judgement {
    const source = new RecordSource(logId, message)
    const rule = this.#rules.find((one) => matches(one, source))
    if (rule !== undefined) return judged(rule, source)
    return this.#unmatched === 'pass'
      ? { kind: 'passed', rule: unmatchedRule, message }
      : { kind: 'dropped', rule: unmatchedRule }
  }

  /** Told once for each message, when what was judged is durable. */
  count({ kind, rule }: Judgement): void {
    const figures = this.#figures.get(rule)
    if (figures === undefined) throw new RangeError(`no rule is called ${rule}`)
    figures.matched++
    if (kind !== 'passed') figures[kind]++
  }

  figures(): readonly RuleFigures[] {
    return Array.from(this.#figures.values(), (figures) => ({ ...figures }))
  }
}

const compile = (settings: RuleSettings): Compiled => ({
  name: settings.name,
  filter: settings.filter,
  tests: (settings.when ?? []).map(compileCondition),
  drop: settings.drop ?? false,
  route: settings.route === undefined ? undefined : compileTemplate(settings.route),
  mapping: compileMapping(settings),
})

const matches = ({ filter, tests }: Compiled, source: RecordSource): boolean =>
  (filter === undefined || topicMatches(filter, source.message.topic)) && tests.every((test) => test(source))

function judged({ name, drop, route, mapping }: Compiled, source: RecordSource): Judgement {
  if (drop) return { kind: 'dropped', rule: name }
  const failed = (reason: string): Judgement => ({ kind: 'failed', rule: name, reason })
  const target = route?.(source)
  if (route !== undefined && target === undefined) return failed('route: a place of its template has no value')
  const mapped = mapping?.(source)
  if (mapped?.kind === 'failed') return failed(mapped.reason)
  const message = {
    ...source.message,
    ...(target === undefined ? {} : { route: target }),
    ...(mapped === undefined ? {} : { payload: mapped.payload }),
  }
  return { kind: 'passed', rule: name, message }
}
