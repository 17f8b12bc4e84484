/** For each invariant that the model checks (DESIGN.md, What must always hold) a broker that breaks it. */
import {
  type CommittedBatch,
  publishFlag,
  type RecordBatch,
  recordEnd,
  recordFlagsAt,
  recordKind,
  recordKindAt,
  recordTopicEnd,
  recordTopicStart,
} from '@hawser/engine'
import type { ClientProfile, History, HistoryEvent } from '../history.ts'
import { nameOf } from '../simulation/inbound.ts'
import type { Fault } from './fault.ts'
import { handingOver, losing, reading, uncounted } from './wiring.ts'

/** Of the journal's records, by their flags: the numbers that stand in the log. */
const journaled = { subscribed: 1, assigned: 3, pending: 7 } as const
/** Ahead of what such a record says. */
const sessionNumberBytes = 8

const topicAt = ({ bytes, offsets }: CommittedBatch, index: number): string | undefined => {
  const at = offsets[index] ?? 0
  if (recordKindAt(bytes, at) !== recordKind.publish) return undefined
  return bytes.toString('utf8', recordTopicStart(at), recordTopicEnd(bytes, at))
}

/** Each session is said to have acknowledged all up to the horizon. */
function nothingPending({ bytes, offsets, count }: RecordBatch): void {
  for (const at of offsets.subarray(0, count)) {
    if (recordKindAt(bytes, at) !== recordKind.session || recordFlagsAt(bytes, at) !== journaled.pending) continue
    const start = recordTopicEnd(bytes, at) + sessionNumberBytes
    const said = '{"kind":"pending","atHorizon":true,"cursor":[],"inflight":[]}'
    bytes.write(said.padEnd(recordEnd(bytes, at) - start), start)
  }
}

/** Neighbours on one topic change places. */
function swapped(batch: CommittedBatch): CommittedBatch {
  const offsets = Uint32Array.from(batch.offsets.subarray(0, batch.count))
  for (let index = 0; index + 1 < batch.count; index++) {
    const topic = topicAt(batch, index)
    if (topic === undefined || topic !== topicAt(batch, index + 1)) continue
    const [one = 0, other = 0] = offsets.subarray(index, index + 2)
    offsets[index] = other
    offsets[index + 1] = one
    index++
  }
  return { ...batch, offsets }
}

const device: ClientProfile = { version: 5, expirySeconds: 0, receiveMaximum: 10, willDelaySeconds: 0 }

/** A client is sent much, and takes nothing of it. */
const readsNothing = (seed: number): History => ({
  seed,
  nodes: 1,
  clients: [device, device],
  narrow: true,
  servers: false,
  events: [
    { kind: 'connect', client: 0, node: 0, clean: true, will: false },
    { kind: 'connect', client: 1, node: 0, clean: true, will: false },
    { kind: 'settle' },
    { kind: 'subscribe', client: 0, filter: 't/1', qos: 0 },
    { kind: 'settle' },
    { kind: 'stall', client: 0 },
    { kind: 'publish', client: 1, topic: 't/1', qos: 0, retain: false, deletes: false, count: 100 },
    { kind: 'tasks', count: 500 },
  ],
})

/** A publisher goes to and fro between two processes; its subscriber is with a third, to which news may come late. */
function toAndFro(seed: number): History {
  const stays = { ...device, expirySeconds: 600 }
  const publish = { kind: 'publish', client: 1, topic: 't/1', qos: 1, retain: false, deletes: false, count: 1 } as const
  const published = Array.from({ length: 12 }, (): HistoryEvent[] => [{ kind: 'tasks', count: 3 }, publish]).flat()
  const visit = (_: unknown, hop: number): HistoryEvent[] => [
    { kind: 'connect', client: 1, node: hop % 2, clean: false, will: false },
    ...published,
  ]
  const events: HistoryEvent[] = [
    { kind: 'connect', client: 0, node: 2, clean: true, will: false },
    { kind: 'settle' },
    { kind: 'subscribe', client: 0, filter: 't/1', qos: 1 },
    { kind: 'settle' },
    ...Array.from({ length: 10 }, visit).flat(),
    { kind: 'settle' },
  ]
  return { seed, nodes: 3, clients: [stays, stays], narrow: false, servers: false, events }
}

export const faults: Readonly<Record<number, readonly Fault[]>> = {
  1: [
    {
      name: 'PUBACK before the commit',
      nodes: 1,
      // What stands between client and broker says it in the broker's place.
      early: (packet) => (packet['cmd'] === 'publish' && packet['qos'] === 1 ? { cmd: 'puback' } : undefined),
      shows: /which was accepted/,
    },
    {
      name: 'servers say that it is durable before a quorum of them has it',
      nodes: 2,
      servers: true,
      flaw: 'acknowledges before its quorum',
      from: 60,
      shows: /which was accepted/,
    },
  ],
  2: [
    {
      name: 'the horizon passes what a session has not acknowledged',
      nodes: 1,
      from: 304,
      wiring: reading(nothingPending),
      shows: /which was accepted/,
    },
    {
      name: 'a group is not told of its members',
      nodes: 2,
      shared: true,
      wiring: losing((kind, flags) => kind === recordKind.session && flags === journaled.subscribed),
      shows: /nobody of its group got/,
    },
  ],
  3: [
    {
      name: 'a QoS 2 delivery leaves before its packet id is in the log',
      nodes: 1,
      wiring: losing((kind, flags) => kind === recordKind.session && flags === journaled.assigned),
      shows: /times at QoS 2/,
    },
    {
      name: 'a share at QoS 2 leaves before its packet id is in the log',
      nodes: 2,
      shared: true,
      wiring: losing((kind, flags) => kind === recordKind.session && flags === journaled.assigned),
      shows: /it has come to/,
    },
  ],
  4: [
    {
      name: 'servers take what a node writes whose lease is over',
      nodes: 2,
      servers: true,
      flaw: 'ignores leases',
      from: 80,
      shows: /will \w+ of \w+ was published 2 times/,
    },
  ],
  5: [
    {
      name: 'two messages of one topic change places',
      nodes: 1,
      wiring: handingOver(swapped),
      shows: /behind a later one/,
    },
    {
      name: 'no barrier stands where a publisher has moved to another process',
      history: toAndFro,
      from: 477,
      wiring: losing((kind) => kind === recordKind.barrier),
      shows: /behind a later one/,
    },
  ],
  6: [
    {
      name: 'a will is lost',
      nodes: 1,
      wiring: losing((kind, flags) => kind === recordKind.publish && (flags & publishFlag.will) !== 0),
      shows: /was not published/,
    },
    {
      name: 'DISCONNECT does not discard the will',
      nodes: 1,
      outgoing: (packet) => (packet['cmd'] === 'disconnect' ? { cmd: 'disconnect', reasonCode: 4 } : packet),
      shows: /was not to be published/,
    },
  ],
  7: [
    {
      name: 'more is in flight than the client takes',
      nodes: 1,
      outgoing: (packet) =>
        packet['cmd'] === 'connect' && packet['properties'] !== undefined
          ? { ...packet, properties: { ...(packet['properties'] as object), receiveMaximum: 65_535 } }
          : packet,
      shows: /messages to answer, and takes/,
    },
    {
      name: 'output has no bound',
      history: readsNothing,
      limits: { outputHighWaterBytes: 1 << 20, outputBytesMax: 1 << 30 },
      shows: /bytes of output/,
    },
  ],
  8: [
    {
      name: 'a QoS 0 message is dropped and not counted',
      nodes: 1,
      incoming: (packet) =>
        packet['cmd'] === 'publish' && packet['qos'] === 0 && nameOf(packet['payload']).endsWith('5')
          ? undefined
          : packet,
      shows: /is missing at QoS 0/,
    },
    {
      name: 'a record is appended that nobody counts',
      nodes: 1,
      wiring: uncounted(recordKind.horizon),
      shows: /the sums do not agree: records/,
    },
  ],
}
