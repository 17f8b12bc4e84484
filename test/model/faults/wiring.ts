/** Ports that do something else than they say, around those of a simulated process. */
import type { CommittedBatch, MessageLog, RecordBatch } from '@hawser/engine'
import type { SimulatedMember } from '@hawser/engine/simulated'
import type { Wiring } from '../simulation/interference.ts'

export type Replaced<Port> = (port: Port) => Partial<Port>

/** All of a port but what is replaced; getters and setters stay those of the port. */
function around<Port extends object>(port: Port, replaced: Partial<Port>): Port {
  return new Proxy(port, {
    get(target, name) {
      const own: unknown = Reflect.get(replaced, name)
      if (own !== undefined) return own
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

export const withLog =
  (replace: Replaced<MessageLog>): Wiring =>
  (member: SimulatedMember) =>
    around(member, { log: around(member.log, replace(member.log)) })

/** No reader of a log knows this kind: it is as if the record had never been written. */
const unknownKind = 200

/** Records that are wanted never become what they should. */
export const losing = (wanted: (kind: number, flags: number) => boolean): Wiring =>
  withLog((log) => ({
    reserve: (kind, flags, topicBytes, bodyBytes) =>
      log.reserve(wanted(kind, flags) ? unknownKind : kind, flags, topicBytes, bodyBytes),
  }))

/** Ahead of each record of a kind stands another. */
export const uncounted = (before: number): Wiring =>
  withLog((log) => ({
    reserve: (kind, ...rest) => {
      if (kind === before) log.reserve(unknownKind, 0, 0, 0)
      return log.reserve(kind, ...rest)
    },
  }))

/** Each batch is another one by the time that it is handed over. */
export const handingOver = (changed: (batch: CommittedBatch) => CommittedBatch): Wiring =>
  withLog((log) => ({ onCommit: (listener) => log.onCommit((batch) => listener(changed(batch))) }))

/** What is read of the log, as at a start, is another than what was written. */
export const reading = (spoil: (batch: RecordBatch) => void): Wiring =>
  withLog((log) => ({
    read: async function* (partition, from, signal) {
      for await (const batch of log.read(partition, from, signal)) {
        spoil(batch)
        yield batch
      }
    },
  }))
