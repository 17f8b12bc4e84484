import type { RecordSource } from '../message/source.ts'
import { placesOf } from '../message/template.ts'
import type { Condition } from './settings.ts'

export type Test = (source: RecordSource) => boolean

/** Throws `CONFIG_INVALID` where its place is none. */
export function compileCondition(condition: Condition): Test {
  const place = placesOf(condition.place)
  const tests = [...testsOf(condition)]
  const { present } = condition
  return (source) => {
    const value = place(source)
    if (value === undefined) return present === false
    return present !== false && tests.every((test) => test(value))
  }
}

function* testsOf({ is, above, below }: Condition): Iterable<(value: string) => boolean> {
  if (is !== undefined) {
    const wanted = (Array.isArray(is) ? is : [is]).map(equals)
    yield (value) => wanted.some((test) => test(value))
  }
  if (above !== undefined) yield (value) => isNumber(value) && Number(value) > above
  if (below !== undefined) yield (value) => isNumber(value) && Number(value) < below
}

/** 20 and 20.0 are one number; a text is compared as a text. */
const equals =
  (wanted: string | number | boolean) =>
  (value: string): boolean =>
    typeof wanted === 'number' ? isNumber(value) && Number(value) === wanted : value === String(wanted)

const isNumber = (value: string): boolean => value.trim() !== '' && Number.isFinite(Number(value))
