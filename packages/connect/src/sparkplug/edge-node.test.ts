/** Births, deaths, aliases and sequence numbers, with payloads that Tahu has encoded. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type EdgeNode, type StepOutcome, step, unknownNode } from './edge-node.ts'
import { decodePayload } from './payload/decode.ts'
import { tahuPayload } from './testing/payloads.ts'
import { type EdgeTopic, parseTopic } from './topic.ts'

const limits = { metricsMax: 100, devicesMax: 2 }

function edgeTopic(type: string, device?: string): EdgeTopic {
  const topic = parseTopic(`spBv1.0/plant/${type}/line${device === undefined ? '' : `/${device}`}`)
  assert.ok(topic?.kind === 'edge')
  return topic
}

type Event = readonly [type: string, payload: string, device?: string]

/** The node after all of them, and what each came to. */
function after(events: readonly Event[], bounds = limits): { node: EdgeNode; outcomes: readonly StepOutcome[] } {
  let node = unknownNode
  const outcomes = events.map(([type, payload, device]) => {
    const [next, outcome] = step(node, edgeTopic(type, device), decodePayload(tahuPayload(payload)), bounds)
    node = next
    return outcome
  })
  return { node, outcomes }
}

const kinds = (outcomes: readonly StepOutcome[]): readonly string[] =>
  outcomes.map((outcome) => (outcome.kind === 'refused' ? (outcome.reason.split(':')[0] ?? '') : outcome.kind))
const metricIn = (outcome: StepOutcome | undefined): unknown =>
  outcome?.kind === 'decoded' ? [outcome.metrics[0]?.name, outcome.metrics[0]?.value] : outcome

const birth: Event = ['NBIRTH', 'node_birth']

describe('an edge node', () => {
  it('names by its birth what data says by alias, with the type of the birth', () => {
    const { node, outcomes } = after([
      birth,
      ['DBIRTH', 'device_birth_1', 'press'],
      ['DDATA', 'device_data_2', 'press'],
      ['NDATA', 'node_data_3'],
    ])
    assert.deepEqual(
      [metricIn(outcomes[2]), metricIn(outcomes[3])],
      [
        ['count', -6n],
        ['temperature', 22.5],
      ],
    )
    assert.deepEqual([node.isOnline, node.needsRebirth, node.seq, node.bdSeq], [true, false, 3, '3'])
  })

  it('has to be born again after a gap, and is in order from 255 to 0', () => {
    assert.equal(after([birth, ['NDATA', 'node_data_1']]).node.needsRebirth, false)
    const gap = after([birth, ['NDATA', 'node_data_1'], ['NDATA', 'node_data_3']])
    assert.deepEqual([gap.node.needsRebirth, metricIn(gap.outcomes[2])], [true, ['temperature', 22.5]])
    assert.equal(after([birth, ['NDATA', 'node_data_3'], birth]).node.needsRebirth, false)
    const wrapped = after([
      ['NBIRTH', 'node_birth_254'],
      ['NDATA', 'node_data_255'],
      ['NDATA', 'node_data_0'],
    ])
    assert.deepEqual([wrapped.node.needsRebirth, wrapped.node.seq], [false, 0])
    assert.equal(after([birth, ['NDATA', 'node_data_1'], ['NDATA', 'node_data_1']]).node.needsRebirth, true)
  })

  it('has to be born where data comes before the birth, or by an alias that it did not name', () => {
    const early = after([['NDATA', 'node_data_1']])
    assert.deepEqual([kinds(early.outcomes), early.node.needsRebirth], [['no-birth'], true])
    const device = after([birth, ['DDATA', 'device_data_2', 'press']])
    assert.deepEqual([kinds(device.outcomes), device.node.needsRebirth], [['decoded', 'no-birth'], true])
    const alias = after([birth, ['NDATA', 'unknown_alias_1']])
    assert.deepEqual([kinds(alias.outcomes), alias.node.needsRebirth], [['decoded', 'unknown-alias'], true])
    assert.deepEqual(kinds(after([['DBIRTH', 'device_birth_1', 'press']]).outcomes), ['no-birth'])
  })

  it('dies by the death of its own birth alone, and takes its devices with it', () => {
    const stale = after([
      ['NBIRTH', 'node_birth_next'],
      ['NDEATH', 'node_death'],
    ])
    assert.deepEqual([kinds(stale.outcomes), stale.node.isOnline], [['decoded', 'ignored'], true])
    const dead = after([birth, ['DBIRTH', 'device_birth_1', 'press'], ['NDEATH', 'node_death']])
    assert.deepEqual([kinds(dead.outcomes).at(-1), dead.node.isOnline, dead.node.births.size], ['decoded', false, 0])
  })

  it('loses a device by its death, and all of them by a birth of its own', () => {
    const device: Event = ['DBIRTH', 'device_birth_1', 'press']
    const data: Event = ['DDATA', 'device_data_2', 'press']
    const dead = after([birth, device, data, ['DDEATH', 'device_death_3', 'press']])
    assert.deepEqual([...dead.node.births.keys()], [''])
    assert.deepEqual(kinds(after([birth, device, birth, data]).outcomes).at(-1), 'no-birth')
  })

  it('hears no commands, and is bounded', () => {
    assert.deepEqual(
      kinds(
        after([
          ['NCMD', 'rebirth'],
          ['DCMD', 'rebirth', 'press'],
        ]).outcomes,
      ),
      ['ignored', 'ignored'],
    )
    assert.deepEqual(kinds(after([birth], { ...limits, metricsMax: 2 }).outcomes), ['too-many-metrics'])
    const devices = ['a', 'b', 'c'].map((name): Event => ['DBIRTH', 'device_birth_1', name])
    assert.deepEqual(kinds(after([birth, ...devices]).outcomes).at(-1), 'too-many-devices')
  })
})

it('a topic is that of a node, a device or a host, or none', () => {
  assert.deepEqual(parseTopic('spBv1.0/STATE/scada'), { kind: 'state', host: 'scada' })
  for (const none of [
    'spAv1.0/g/NDATA/n',
    'spBv1.0/g/NDATA',
    'spBv1.0/g/NDATA/n/d',
    'spBv1.0/g/DDATA/n',
    'spBv1.0/g/DDATA/n/',
    'spBv1.0/g/XDATA/n',
    'spBv1.0/g/DDATA/n/d/e',
  ])
    assert.equal(parseTopic(none), undefined, none)
})
