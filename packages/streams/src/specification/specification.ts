/** A specification, checked and made ready for use. */
import { HawserError } from '@hawser/std'
import { type Machine, openMachine } from './machine.ts'
import { parseSpecification } from './parse.ts'
import type { SpecificationData } from './types.ts'

export interface Specification {
  readonly name: string
  readonly version: number
  readonly filter: string
  /** The whole of it as plain data, every default filled in: what is stored beside the tables. */
  readonly data: SpecificationData
  machine(key: string): Machine
}

const faultsShownMax = 5

/** Checks what a user wrote. Throws `CONFIG_INVALID`, with each fault named by its path. */
export function defineSpecification(value: unknown): Specification {
  const faults: string[] = []
  const data = parseSpecification(value, faults)
  if (faults.length > 0) throw invalid(data.name, faults)
  const common = openMachine(data.machine)
  const own = new Map(Object.entries(data.machines).map(([key, definition]) => [key, openMachine(definition)]))
  return {
    name: data.name,
    version: data.version,
    filter: data.filter,
    data,
    machine: (key) => own.get(key) ?? common,
  }
}

function invalid(name: string, faults: readonly string[]): HawserError {
  const more = faults.length > faultsShownMax ? `; and ${faults.length - faultsShownMax} more` : ''
  const shown = faults.slice(0, faultsShownMax).join('; ')
  return new HawserError('CONFIG_INVALID', `KPI specification${name === '' ? '' : ` ${name}`}: ${shown}${more}`, {
    mend: 'correct the fields named',
  })
}
