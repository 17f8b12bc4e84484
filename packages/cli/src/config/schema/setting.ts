import type * as z from 'zod'

/** The default is shown to the reader of the schema; it is applied once, when all sources are laid over each other. */
export const setting = <Type extends z.ZodType>(type: Type, value: unknown, description: string) =>
  type.optional().meta({ description, ...(value === undefined ? {} : { default: value }) })
