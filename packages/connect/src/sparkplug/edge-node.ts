/**
 * What a host knows of one edge node, as a state machine without I/O: its births say which metric an alias stands for,
 * its sequence number whether something was lost. Where either is missing it has to be born again.
 */
import type { Metric, Payload } from './payload/types.ts'
import { metricValue, type PlainValue } from './payload/value.ts'
import type { EdgeTopic } from './topic.ts'

/** Names and types that a birth has said: by name, and by alias as text. */
export interface Birth {
  readonly types: ReadonlyMap<string, number>
  readonly aliases: ReadonlyMap<string, string>
}

export interface EdgeNode {
  readonly isOnline: boolean
  /** Of the last birth: a death that bears another is of an earlier connection. */
  readonly bdSeq: string | undefined
  /** Of the last message. */
  readonly seq: number | undefined
  readonly needsRebirth: boolean
  /** By device; '' is the node itself. */
  readonly births: ReadonlyMap<string, Birth>
}

export interface NamedMetric {
  readonly name: string
  readonly value: PlainValue
  /** Milliseconds since the epoch. */
  readonly timestamp: bigint | undefined
  readonly isHistorical: boolean
}

export type StepOutcome =
  | { readonly kind: 'decoded'; readonly metrics: readonly NamedMetric[] }
  /** A command, or a death of an earlier connection: nothing to tell. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly reason: string }

export const unknownNode: EdgeNode = {
  isOnline: false,
  bdSeq: undefined,
  seq: undefined,
  needsRebirth: false,
  births: new Map(),
}

export interface NodeLimits {
  readonly metricsMax: number
  readonly devicesMax: number
}

const bdSeqName = 'bdSeq'
const seqCount = 256

export function step(node: EdgeNode, topic: EdgeTopic, payload: Payload, limits: NodeLimits): [EdgeNode, StepOutcome] {
  switch (topic.type) {
    case 'NCMD':
    case 'DCMD':
      return [node, { kind: 'ignored' }]
    case 'NDEATH':
      return died(node, payload)
    case 'NBIRTH':
      return born({ ...unknownNode, bdSeq: bdSeqOf(payload), isOnline: true }, '', payload, limits)
    case 'DBIRTH':
      return born(counted(node, payload), topic.device ?? '', payload, limits)
    case 'DDEATH':
      return deviceDied(counted(node, payload), topic.device ?? '')
    case 'NDATA':
    case 'DDATA':
      return heard(counted(node, payload), topic.device ?? '', payload)
    default:
      throw topic.type satisfies never
  }
}

const decoded = (metrics: readonly NamedMetric[]): StepOutcome => ({ kind: 'decoded', metrics })
const refused = (reason: string): StepOutcome => ({ kind: 'refused', reason })

/** [tck-id-payloads-sequence-num-incrementing]: each is one more than the last, 0 after 255. */
function counted(node: EdgeNode, { seq }: Payload): EdgeNode {
  const expected = node.seq === undefined ? undefined : (node.seq + 1) % seqCount
  const isNext = seq !== undefined && expected !== undefined && seq === BigInt(expected)
  const now = seq === undefined || seq >= BigInt(seqCount) ? node.seq : Number(seq)
  return { ...node, seq: now, needsRebirth: node.needsRebirth || !isNext }
}

/** [tck-id-payloads-ndeath-bdseq]: it belongs to the birth of the same number. */
function died(node: EdgeNode, payload: Payload): [EdgeNode, StepOutcome] {
  if (!node.isOnline || bdSeqOf(payload) !== node.bdSeq) return [node, { kind: 'ignored' }]
  // It is dead, not lost: it will be born by itself.
  return [{ ...unknownNode, bdSeq: node.bdSeq }, decoded([])]
}

function deviceDied(node: EdgeNode, device: string): [EdgeNode, StepOutcome] {
  const births = new Map(node.births)
  const isKnown = births.delete(device)
  return [{ ...node, births }, isKnown ? decoded([]) : { kind: 'ignored' }]
}

function born(node: EdgeNode, device: string, payload: Payload, limits: NodeLimits): [EdgeNode, StepOutcome] {
  const { metrics, seq } = payload
  if (metrics.length > limits.metricsMax) {
    return [node, refused(`too-many-metrics: ${metrics.length} of ${limits.metricsMax}`)]
  }
  if (device !== '' && !node.births.has('')) {
    return [{ ...node, needsRebirth: true }, refused('no-birth: a device before its node')]
  }
  if (!node.births.has(device) && node.births.size > limits.devicesMax) {
    return [node, refused(`too-many-devices: ${limits.devicesMax}`)]
  }
  const types = new Map<string, number>()
  const aliases = new Map<string, string>()
  for (const { name, alias, dataType } of metrics) {
    if (name === undefined) return [{ ...node, needsRebirth: true }, refused('no-name: a birth names each metric')]
    if (dataType !== undefined) types.set(name, dataType)
    if (alias !== undefined) aliases.set(String(alias), name)
  }
  const births = new Map(node.births).set(device, { types, aliases })
  const alive = device === '' ? { ...node, births, seq: seqOf(seq) } : { ...node, births }
  return [alive, named(metrics, births.get(device))]
}

const seqOf = (seq: bigint | undefined): number | undefined =>
  seq !== undefined && seq < BigInt(seqCount) ? Number(seq) : undefined

function heard(node: EdgeNode, device: string, { metrics }: Payload): [EdgeNode, StepOutcome] {
  const birth = node.births.get(device)
  if (birth === undefined) return [{ ...node, needsRebirth: true }, refused('no-birth: data before the birth')]
  const outcome = named(metrics, birth)
  return [outcome.kind === 'refused' ? { ...node, needsRebirth: true } : node, outcome]
}

/** With the names and types of the birth; as a dead letter that is read again is decoded, too. */
export function named(metrics: readonly Metric[], birth: Birth | undefined): StepOutcome {
  const result: NamedMetric[] = []
  for (const metric of metrics) {
    const name = metric.name ?? birth?.aliases.get(String(metric.alias))
    if (name === undefined) return refused(`unknown-alias: ${metric.alias}`)
    const dataType = metric.dataType ?? birth?.types.get(name)
    const { timestamp, isHistorical } = metric
    try {
      result.push({ name, value: metricValue(metric, dataType), timestamp, isHistorical })
    } catch (error) {
      return refused(`bad-value: ${name}: ${error instanceof Error ? error.message : error}`)
    }
  }
  return decoded(result)
}

function bdSeqOf({ metrics }: Payload): string | undefined {
  const value = metrics.find(({ name }) => name === bdSeqName)?.value
  return value?.kind === 'long' || value?.kind === 'int' ? String(value.value) : undefined
}
