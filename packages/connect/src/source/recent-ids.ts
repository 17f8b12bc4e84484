/** Event ids of the newest messages: so many, then the oldest are forgotten. */
import { decodeProperties } from '@hawser/codec'
import { type MessageLog, PublishView, position, recordKind, recordKindAt } from '@hawser/engine'
import { eventIdOf } from '../message/event-id.ts'
import { everywhere } from '../runner/message-reader.ts'

export class RecentIds {
  readonly #ids = new Set<string>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** The log itself remembers them: its newest records, as many of each partition. */
  static async of(log: MessageLog, filters: readonly string[], max: number, signal: AbortSignal): Promise<RecentIds> {
    const recent = new RecentIds(max)
    const spans = filters.map(everywhere)
    for (const { partition, start, end } of log.partitions()) {
      const from = position(Math.max(start, end - max))
      for await (const { bytes, offsets, count } of log.find(partition, from, spans, signal)) {
        for (let index = 0; index < count; index++) {
          const id = eventIdAt(bytes, offsets[index] ?? 0)
          if (id !== undefined) recent.add(id)
        }
      }
    }
    return recent
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  add(id: string): void {
    this.#ids.add(id)
    if (this.#ids.size <= this.#max) return
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest)
      return
    }
  }
}

const view = new PublishView()

function eventIdAt(bytes: Buffer, offset: number): string | undefined {
  // A search finds barriers too.
  if (recordKindAt(bytes, offset) !== recordKind.publish) return undefined
  const { buffer, propertiesStart, propertiesEnd } = view.moveTo(bytes, offset)
  if (propertiesStart === propertiesEnd) return undefined
  return eventIdOf(decodeProperties(buffer, propertiesStart, propertiesEnd).userProperties ?? [])
}
