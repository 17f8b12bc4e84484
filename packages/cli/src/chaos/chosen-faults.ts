/** Which faults are run: those that the user names, or all. */
import { HawserError, nearest } from '@hawser/std'
import type { Fault } from '@hawser/verify/chaos'

/** Of two of one name the first counts: a command of the user's stands for what could not be done here. */
export function chosenFaults(all: readonly Fault[], names: readonly string[] | undefined): readonly Fault[] {
  const known = new Map<string, Fault>()
  for (const fault of all) if (!known.has(fault.name)) known.set(fault.name, fault)
  const chosen =
    names === undefined ? [...known.values()] : names.map((name) => known.get(name) ?? unknown(name, known))
  if (chosen.some(({ missing }) => missing === undefined)) return chosen
  const [first] = chosen
  throw new HawserError('USAGE', `none of these faults can be done here; ${first?.name}: ${first?.missing}`)
}

function unknown(name: string, known: ReadonlyMap<string, Fault>): never {
  const names = [...known.keys()]
  const near = nearest(name, names)
  throw new HawserError('USAGE', `--fault ${name} is not one of ${names.join(', ')}`, {
    mend: near === undefined ? 'choose of them' : `did you mean "${near}"?`,
  })
}
