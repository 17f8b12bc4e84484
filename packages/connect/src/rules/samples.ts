import { encodeProperties } from '@hawser/codec'
import { type LogId, partition, position } from '@hawser/engine'
import { epochMicros } from '@hawser/std'
import type { Judgement } from '../connector.ts'
import type { Rules } from './rules.ts'
import type { Sample, SampleMessage } from './settings.ts'

export function judgeSample(rules: Rules, { topic, payload, ...given }: SampleMessage): Judgement {
  const { qos = 1, retain = false, clientId = '', userProperties = [] } = given
  const properties = propertiesOf(userProperties)
  return rules.judge('sample' as LogId, {
    ...{ topic, qos, retain, clientId, payload: Buffer.from(payload), properties },
    ...{ partition: partition(0), position: position(0), ingestedAt: epochMicros(0) },
  })
}

const propertiesOf = (pairs: NonNullable<SampleMessage['userProperties']>): Buffer =>
  pairs.length === 0
    ? Buffer.alloc(0)
    : Buffer.from(encodeProperties({ userProperties: pairs.map(({ name, value }) => [name, value]) }))

/** What is not as the sample says, a line each. */
export function sampleFaults(judgement: Judgement, { expect }: Sample): readonly string[] {
  const message = judgement.kind === 'passed' ? judgement.message : undefined
  const compared = [
    ['rule', expect.rule, judgement.rule],
    ['outcome', expect.outcome, judgement.kind === 'failed' ? `failed: ${judgement.reason}` : judgement.kind],
    ['route', expect.route, message?.route],
    ['payload', expect.payload, message?.payload.toString()],
  ] as const
  return compared
    .filter(([name, wanted, found]) => wanted !== undefined && wanted !== (name === 'outcome' ? judgement.kind : found))
    .map(([name, wanted, found]) => `${name}: ${found ?? 'none'}, and it should be ${wanted}`)
}
