/** Words of the schema that every topic uses. */
import * as z from 'zod'

/** The default is shown to the reader of the schema; it is applied once, when all sources are laid over each other. */
export const setting = <Type extends z.ZodType>(type: Type, value: unknown, description: string) =>
  type.optional().meta({ description, ...(value === undefined ? {} : { default: value }) })

export const text = z.string().min(1)
export const count = z.int().min(0)
export const positive = z.int().min(1)
export const port = z.int().min(0).max(65_535)
