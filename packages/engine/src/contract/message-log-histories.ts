/** Random histories of appends, commits, reads, searches and reopenings, held against a plain array. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type MessageLog, position } from '../log.ts'
import { recordKind } from '../record.ts'
import { topicMatches } from '../topic-filter.ts'
import type { MessageLogUnderTest } from './message-log.ts'
import { append, collect, committed, type PlainRecord, readOwn, recordsOf, type StoredRecord, span } from './records.ts'
import type { Case } from './under-test.ts'

const historiesPerRun = 30
const stepsMax = 25

type Step =
  | { readonly kind: 'append'; readonly records: readonly PlainRecord[] }
  | { readonly kind: 'commit' }
  | { readonly kind: 'read'; readonly from: number }
  | { readonly kind: 'find'; readonly from: number; readonly spans: readonly SpanByShare[] }
  | { readonly kind: 'reopen' }

/** Bounds as shares of the history so far, so that they hit it whatever its positions are. */
interface SpanByShare {
  readonly filter: string
  readonly since: number
  readonly until: number
}

const plain = <Shape extends object>(shape: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }) =>
  fc.record(shape, { noNullPrototype: true }) as fc.Arbitrary<Shape>

const level = fc.constantFrom('a', 'b', 'ü', '')
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/') || 'a')
const filterLevel = fc.oneof({ weight: 2, arbitrary: level }, { weight: 1, arbitrary: fc.constant('+') })
const filter = fc
  .tuple(fc.array(filterLevel, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, all]) => (all ? [...levels.slice(0, -1), '#'] : levels).join('/') || 'a')
const share = fc.double({ min: 0, max: 1.1, noNaN: true })

const record = plain<PlainRecord>({
  kind: fc.constantFrom(recordKind.publish, recordKind.publish, recordKind.publish, recordKind.session),
  flags: fc.nat(255),
  topic,
  body: fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.nat(40_000).map((length) => 'z'.repeat(length)),
  ),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: plain({ kind: fc.constant('append'), records: fc.array(record, { maxLength: 40, size: 'max' }) }),
  },
  { weight: 3, arbitrary: plain({ kind: fc.constant('commit') }) },
  { weight: 2, arbitrary: plain({ kind: fc.constant('read'), from: share }) },
  {
    weight: 3,
    arbitrary: plain({
      kind: fc.constant('find'),
      from: share,
      spans: fc.array(plain({ filter, since: share, until: share }), { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: plain({ kind: fc.constant('reopen') }) },
)

export function historyCases(underTest: MessageLogUnderTest, test: Case): void {
  test('random histories equal those of a plain array', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: stepsMax, size: 'max' }), async (steps) => {
        const history = await History.open(underTest)
        try {
          for (const next of steps) await history.take(next)
          await history.take({ kind: 'commit' })
          await history.take({ kind: 'read', from: 0 })
        } finally {
          await history.log[Symbol.asyncDispose]()
        }
      }),
      { numRuns: historiesPerRun },
    )
  })
}

class History {
  readonly #underTest: MessageLogUnderTest
  log: MessageLog
  readonly #appended: PlainRecord[] = []
  #stored: StoredRecord[] = []

  static async open(underTest: MessageLogUnderTest): Promise<History> {
    return new History(underTest, await underTest.open())
  }

  constructor(underTest: MessageLogUnderTest, log: MessageLog) {
    this.#underTest = underTest
    this.log = this.#watch(log)
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'append':
        for (const record of step.records) {
          append(this.log, record)
          this.#appended.push(record)
        }
        return
      case 'commit':
        return this.#commit()
      case 'read': {
        await this.#commit()
        const from = this.#at(step.from)
        const expected = this.#stored.filter((record) => record.position >= from)
        return assert.deepEqual(await readOwn(this.log, from), expected)
      }
      case 'find':
        return this.#find(step.from, step.spans)
      case 'reopen':
        return this.#reopen()
      default:
        throw step satisfies never
    }
  }

  async #commit(): Promise<void> {
    if (this.#stored.length < this.#appended.length) await committed(this.log)
    assert.deepEqual(
      this.#stored.map(({ position: _, ...record }) => record),
      this.#appended,
    )
  }

  async #find(fromShare: number, shares: readonly SpanByShare[]): Promise<void> {
    await this.#commit()
    const from = this.#at(fromShare)
    const spans = shares.map(({ filter, since, until }) => span(filter, this.#at(since), this.#at(until)))
    const expected = this.#stored.filter(
      (record) =>
        record.kind === recordKind.publish &&
        record.position >= from &&
        spans.some(
          ({ filter, since, until }) =>
            since <= record.position && record.position < until && topicMatches(filter, record.topic),
        ),
    )
    assert.deepEqual(await collect(this.log.find(this.log.own, position(from), spans)), expected)
  }

  async #reopen(): Promise<void> {
    if (this.#underTest.reopen === undefined) return
    await this.log[Symbol.asyncDispose]()
    assert.equal(this.#stored.length, this.#appended.length)
    this.log = this.#watch(await this.#underTest.reopen(this.log))
    assert.deepEqual(await readOwn(this.log), this.#stored)
  }

  #watch(log: MessageLog): MessageLog {
    log.onCommit((batch) => this.#stored.push(...recordsOf(batch)))
    return log
  }

  #at(share: number): number {
    const index = Math.floor(share * this.#stored.length)
    return this.#stored[index]?.position ?? (this.#stored.at(-1)?.position ?? -1) + 1
  }
}
