/** What every check of the contract works with. */
import assert from 'node:assert/strict'
import { type MessageLog, PublishView } from '@hawser/engine'
import type { ConnectorUnderTest, SinkRow, SinkUnderTest } from '../under-test.ts'

export const filters = ['t/+']

export interface Bench {
  readonly sink: SinkUnderTest
  /** The sink holds every record that matches, as often as it may, in the order of the log. */
  complete(log: MessageLog, filter?: string): Promise<void>
}

export function benchOf(sink: SinkUnderTest, { holds = 'once' }: ConnectorUnderTest): Bench {
  return {
    sink,
    async complete(log, filter = 't/+') {
      const rows = await sink.rows(log.id)
      const expected = await matching(log, filter)
      if (holds === 'once') assert.deepEqual(rows.map(nameOf), expected.map(nameOf))
      else assert.deepEqual(byTopic(firsts(rows)), byTopic(expected))
      assert.ok(rows.every(({ topic }) => topic.startsWith('t/')))
    },
  }
}

/** Each record where it came first. */
export const firsts = (rows: readonly SinkRow[]): readonly SinkRow[] =>
  [...new Map(rows.toReversed().map((row) => [nameOf(row), row])).values()].reverse()

/** Order is promised within a topic. */
export const byTopic = (rows: readonly SinkRow[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries([...Map.groupBy(rows, ({ topic }) => topic)].sort().map(([topic, of]) => [topic, of.map(nameOf)]))

export const nameOf = ({ partition, position }: SinkRow): string => `${partition}/${position}`

export async function matching(log: MessageLog, filter: string): Promise<readonly SinkRow[]> {
  const range = log.partitions()[0]
  assert.ok(range)
  const everywhere = { filter, since: range.start, until: range.end }
  const rows: SinkRow[] = []
  for await (const batch of log.find(range.partition, range.start, [everywhere])) {
    for (let index = 0; index < batch.count; index++) {
      view.moveTo(batch.bytes, batch.offsets[index] ?? 0)
      rows.push({ partition: batch.partition, position: batch.positions[index] ?? 0, topic: view.topic })
    }
  }
  return rows
}

const view = new PublishView()
