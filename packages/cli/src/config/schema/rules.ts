/** Rules of a connector, and the samples that they are tried with. */
import { unmatchedRule } from '@hawser/connect/rules/settings'
import * as z from 'zod'
import { plainFilter } from './plain-filter.ts'
import { setting, text } from './setting.ts'

/** What the configuration's reader would round is refused, not compared as another number. */
const exactNumber = z
  .number()
  .refine(
    (value) => !Number.isInteger(value) || Number.isSafeInteger(value),
    'a number past 2^53 is not exact: give it to `is` as a text',
  )
const scalar = z.union([z.string(), exactNumber, z.boolean()])

const condition = z
  .strictObject({
    place: text.meta({
      description: 'as in a template, without its braces: payload.temperature, topic.2, property.site',
    }),
    is: setting(z.union([scalar, z.array(scalar).min(1)]), undefined, 'this value, or one of these'),
    above: setting(exactNumber, undefined, 'a number greater than this'),
    below: setting(exactNumber, undefined, 'a number less than this'),
    present: setting(z.boolean(), undefined, 'whether there is a value'),
    coerce: setting(z.boolean(), undefined, 'whether a text in the payload may be the number or boolean that it reads'),
  })
  .refine(
    ({ place: _, coerce: __, ...tests }) => Object.keys(tests).length > 0,
    'give one of is, above, below, present',
  )

const areDistinct = (names: readonly string[]): boolean => new Set(names).size === names.length

const fieldTo = (to: string) => z.array(z.strictObject({ field: text, to: text.meta({ description: to }) })).min(1)

const rule = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name is lower-case letters, digits and hyphens')
      .refine((name) => name !== unmatchedRule, `${unmatchedRule} is the name of what no rule matches`),
    filter: plainFilter.optional().meta({ description: 'topic filter; without one any topic' }),
    when: setting(z.array(condition).min(1), undefined, 'all of these hold'),
    drop: setting(z.literal(true), undefined, 'the message is left out'),
    route: setting(text, undefined, 'template of what the place `route` stands for in the templates of the connector'),
    keep: setting(z.array(text).min(1), undefined, 'fields of the JSON payload that stay; the others go'),
    remove: setting(z.array(text).min(1), undefined, 'fields that go'),
    rename: fieldTo('its new name').optional(),
    set: fieldTo('template of its value, a text').optional(),
  })
  .refine(
    ({ drop, route, keep, remove, rename, set }) => drop === undefined || !(route ?? keep ?? remove ?? rename ?? set),
    'a rule that drops does nothing else',
  )
  .refine(({ rename = [] }) => areDistinct(rename.map(({ field }) => field)), 'rename has a field twice')
  .refine(
    ({ rename = [], set = [] }) => areDistinct([...rename.map(({ to }) => to), ...set.map(({ field }) => field)]),
    'rename and set make a field twice',
  )

export const rules = z
  .array(rule)
  .refine((all) => areDistinct(all.map(({ name }) => name)), 'two rules have one name')
  .meta({ id: 'rules' })

/** A message as it would be published. */
const message = {
  topic: text,
  payload: z.string(),
  qos: setting(z.union([z.literal(0), z.literal(1), z.literal(2)]), 1, 'as published'),
  retain: setting(z.boolean(), false, 'as published'),
  client_id: setting(z.string(), '', 'of its publisher'),
  user_properties: setting(z.array(z.strictObject({ name: z.string(), value: z.string() })), [], 'of MQTT 5, in order'),
}

export const messageSchema = z.strictObject(message)

export const samples = z
  .array(
    z.strictObject({
      ...message,
      expect: z.strictObject({
        rule: text.meta({ description: `the rule that matches, or ${unmatchedRule}` }),
        outcome: z.enum(['passed', 'dropped', 'failed']),
        route: setting(z.string(), undefined, 'what the place `route` stands for'),
        payload: setting(z.string(), undefined, 'the payload then, byte for byte'),
      }),
    }),
  )
  .meta({ id: 'samples' })
