import type { RecordSource } from '../message/source.ts'
import { compareNumber, compileOperand, type Operand } from './operand.ts'
import type { Condition } from './settings.ts'

export type Test = (source: RecordSource) => boolean

/** Throws `CONFIG_INVALID` where its place is none. */
export function compileCondition(condition: Condition): Test {
  const operandOf = compileOperand(condition)
  const tests = [...testsOf(condition)]
  const { present } = condition
  return (source) => {
    const operand = operandOf(source)
    if (operand === undefined) return present === false
    return present !== false && tests.every((test) => test(operand))
  }
}

function* testsOf({ is, above, below }: Condition): Iterable<(operand: Operand) => boolean> {
  if (is !== undefined) {
    const wanted = (Array.isArray(is) ? is : [is]).map(equals)
    yield (operand) => wanted.some((test) => test(operand))
  }
  if (above !== undefined) yield (operand) => (compareNumber(operand, above) ?? 0) > 0
  if (below !== undefined) yield (operand) => (compareNumber(operand, below) ?? 0) < 0
}

/** 20 and 20.0 are one number; a text is compared as a text. */
const equals =
  (wanted: string | number | boolean) =>
  (operand: Operand): boolean => {
    if (typeof wanted === 'number') return compareNumber(operand, wanted) === 0
    return operand.text === String(wanted) && (typeof wanted === 'string' || operand.kind === 'boolean')
  }
