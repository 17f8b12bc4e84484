/** Whether the books of the readers agree with each other, and with what the publishers were told. */
import type { Load } from '../load.ts'
import type { Book } from './book.ts'

export interface Balance {
  readonly acknowledged: number
  /** Of the log: more than acknowledged where a publisher said something again. */
  readonly records: number
  readonly rows: number
  /** In Kafka, under the event id of the first. */
  readonly duplicates: number
  readonly faults: readonly string[]
}

export interface Books {
  readonly kafka: Book
  readonly postgres: Book
  /** Has the machines in `bridged` only. */
  readonly bridge: Book
  readonly bridged: ReadonlySet<number>
}

export function balance(load: Pick<Load, 'acknowledged' | 'machines'>, books: Books): Balance {
  const { kafka, postgres, bridge, bridged } = books
  const all = new Set(Array.from({ length: load.machines }, (_, machine) => machine))
  const faults = [kafka, postgres, bridge].flatMap((book) => book.faults)
  const expect = (count: number, what: string): void => {
    if (count > 0) faults.push(`${count} ${what}`)
  }
  const acknowledged = [...load.acknowledged()]
  for (const book of [kafka, postgres, bridge]) {
    const missing = acknowledged.filter(
      ({ machine, number }) => (book !== bridge || bridged.has(machine)) && !book.has(machine, number),
    )
    expect(missing.length, `acknowledged publishes are not in ${book.reader}`)
  }
  expect(postgres.duplicates, 'rows are twice in PostgreSQL')
  expect(postgres.lacks(kafka, all), 'records of Kafka are not in PostgreSQL')
  expect(kafka.lacks(postgres, all), 'rows of PostgreSQL are not in Kafka')
  expect(bridge.lacks(postgres, bridged), 'rows of PostgreSQL are not at the other broker')
  const [records, rows] = [kafka.records, postgres.records]
  return { acknowledged: acknowledged.length, records, rows, duplicates: kafka.duplicates, faults }
}
