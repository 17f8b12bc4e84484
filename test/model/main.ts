/**
 * `node test/model/main.ts --seeds 100000 --from N`: as many histories as are wanted, until one fails.
 * `--seed N`: that one alone, with all that happens in it.
 */
import { parseArgs } from 'node:util'
import { makeHistory } from './history.ts'
import { runHistory, runSeed } from './run.ts'
import { shrink } from './shrink.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    nodes: { type: 'string' },
    servers: { type: 'boolean', default: false },
    shared: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const { servers, shared } = values
const options = { servers, shared, ...(values.nodes !== undefined && { nodes: Number(values.nodes) }) }
const print = (line: string): void => void process.stdout.write(`${line}\n`)

if (values.seed === undefined) {
  const from = Number(values.from)
  const failed: number[] = []
  for (let seed = from; seed < from + Number(values.seeds) && (values.keep || failed.length === 0); seed++) {
    const violations = await runSeed(seed, options)
    if (violations.length === 0) continue
    failed.push(seed)
    print(`seed ${seed}: ${violations.map(({ invariant, what }) => `(${invariant}) ${what}`).join('; ')}`)
  }
  const [first] = failed
  if (first !== undefined && !values.keep) {
    const history = makeHistory(first, options)
    const shortest = await shrink(history, async (shorter) => (await runHistory(shorter)).length > 0)
    print(`${shortest.events.length} of its ${history.events.length} events do it:`)
    await runHistory(shortest, { trace: print })
  }
  print(`${values.seeds} seeds from ${from}: ${failed.length} failed`)
  process.exitCode = failed.length === 0 ? 0 : 1
} else {
  for (const [index, profile] of makeHistory(Number(values.seed), options).clients.entries()) {
    print(`c${index}: ${JSON.stringify(profile)}`)
  }
  const violations = await runSeed(Number(values.seed), { ...options, trace: print })
  for (const { invariant, what } of violations) print(`(${invariant}) ${what}`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
