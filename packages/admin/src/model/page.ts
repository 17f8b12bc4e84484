import * as z from 'zod'

export const pageItemsMax = 500
const searchCharactersMax = 200
const offsetMax = 100_000_000

/** How every list is asked for. The query comes as text, so numbers are coerced. */
export const pageQuery = (searches: string) =>
  z.object({
    search: z.string().max(searchCharactersMax).default('').describe(searches),
    offset: z.coerce.number().int().min(0).max(offsetMax).default(0),
    limit: z.coerce.number().int().min(1).max(pageItemsMax).default(50),
  })
