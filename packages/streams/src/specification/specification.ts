/** A specification made ready for use: checked, with paths and calendars prepared. */
import type { SpecificationData } from './types.ts'

declare const checked: unique symbol
export type Specification = SpecificationData & { readonly [checked]: true }

/** Checks what a user wrote. Throws `CONFIG_INVALID` with every fault, each named by its path. */
export function defineSpecification(_data: unknown): Specification {
  throw new Error('not yet')
}
