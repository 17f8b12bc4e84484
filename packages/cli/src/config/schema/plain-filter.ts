import { checkTopicFilter, isSharedFilter } from '@hawser/codec'
import * as z from 'zod'

/** A topic filter that nobody shares. */
export const plainFilter = z
  .string()
  .min(1)
  .refine((value) => checkTopicFilter(value) === undefined, 'write it as a topic filter')
  .refine((value) => !isSharedFilter(value), 'write the filter that is behind $share/GROUP/: rules judge that')
