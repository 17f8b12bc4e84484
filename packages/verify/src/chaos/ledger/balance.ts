/** What the books of a round say, by rules that are the protocol's own. Pure: what happened comes in, what is wrong goes out. */

/** What one publisher was told of the numbers that it handed over in rising order, on one topic. */
export interface StreamBook {
  readonly acknowledged: readonly number[]
  /** Handed over, and refused or never answered: they may have come, or not. */
  readonly unknown: readonly number[]
}

export interface StreamRules {
  /** QoS 2 of publisher and receiver: none may come twice. */
  readonly once: boolean
  readonly ordered: boolean
  /** Each to one of the receivers, in place of each to all. */
  readonly shared: boolean
}

export const problemKinds = ['lost', 'duplicate', 'disorder', 'strange'] as const
export type ProblemKind = (typeof problemKinds)[number]

/** How many of each kind, and the first few in words. */
export interface Balance {
  readonly counts: Readonly<Record<ProblemKind, number>>
  /** Came more than once where that is allowed. */
  readonly again: number
  readonly delivered: number
  readonly samples: readonly string[]
}

const samplesMax = 5

/** `receipts`: for each receiver the numbers in the order in which they came. */
export function balanceStream(
  book: StreamBook,
  receipts: ReadonlyMap<string, readonly number[]>,
  rules: StreamRules,
): Balance {
  const unknown = new Set(book.unknown)
  const known = new Set([...book.acknowledged, ...unknown])
  const words = (kind: ProblemKind, number: number, receiver: string): string =>
    `${number}${unknown.has(number) ? ', of unknown fate,' : ''} ${verb[kind]} ${receiver}`
  const columns = rules.shared ? new Map([['the group', [...receipts.values()].flat()]]) : receipts
  return sum(
    [...columns].map(([receiver, numbers]) => {
      const came = new Set(numbers)
      const first = [...came]
      const lost = book.acknowledged.filter((number) => !came.has(number))
      const strange = first.filter((number) => !known.has(number))
      const late = rules.ordered ? latecomers(first) : []
      const twice = repeated(numbers)
      const wrong = { lost, duplicate: rules.once ? twice : [], disorder: late, strange }
      return {
        ...balanceOf(wrong, (kind, number) => words(kind, number, receiver)),
        again: rules.once ? 0 : twice.length,
        delivered: numbers.length,
      }
    }),
  )
}

const verb = {
  lost: 'was acknowledged and did not come to',
  duplicate: 'came again to',
  disorder: 'came behind a later one to',
  strange: 'was published by nobody and came to',
} as const satisfies Record<ProblemKind, string>

/** Those that come behind a higher one. */
function latecomers(numbers: readonly number[]): number[] {
  let highest = -1
  return numbers.filter((number) => {
    const isLate = number < highest
    highest = Math.max(highest, number)
    return isLate
  })
}

function repeated(numbers: readonly number[]): number[] {
  const seen = new Set<number>()
  return numbers.filter((number) => {
    const isAgain = seen.has(number)
    seen.add(number)
    return isAgain
  })
}

export function balanceOf<Item>(
  wrong: Readonly<Record<ProblemKind, readonly Item[]>>,
  words: (kind: ProblemKind, item: Item) => string,
): Pick<Balance, 'counts' | 'samples'> {
  return {
    counts: {
      lost: wrong.lost.length,
      duplicate: wrong.duplicate.length,
      disorder: wrong.disorder.length,
      strange: wrong.strange.length,
    },
    samples: problemKinds.flatMap((kind) => wrong[kind].slice(0, samplesMax).map((item) => words(kind, item))),
  }
}

export function sum(balances: readonly Balance[]): Balance {
  const total = (kind: ProblemKind): number => balances.reduce((all, { counts }) => all + counts[kind], 0)
  return {
    counts: {
      lost: total('lost'),
      duplicate: total('duplicate'),
      disorder: total('disorder'),
      strange: total('strange'),
    },
    again: balances.reduce((all, { again }) => all + again, 0),
    delivered: balances.reduce((all, { delivered }) => all + delivered, 0),
    samples: balances.flatMap(({ samples }) => samples).slice(0, samplesMax),
  }
}

export const isEven = ({ counts }: Pick<Balance, 'counts'>): boolean => problemKinds.every((kind) => counts[kind] === 0)
