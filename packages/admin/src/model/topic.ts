import * as z from 'zod'
import { pageQuery } from './page.ts'

export const topicPreviewCharactersMax = 256
export const topicRecentValuesMax = 60

export const topicSchema = z
  .object({
    topic: z.string(),
    preview: z.string().max(topicPreviewCharactersMax).describe('The last payload as text, shortened'),
    payloadBytes: z.int().nonnegative(),
    retained: z.boolean(),
    messages: z.int().nonnegative(),
    ratePerSecond: z.number().nonnegative(),
    atMs: z.number(),
    recent: z.array(z.number()).max(topicRecentValuesMax).describe('Last numeric values, oldest first; may be empty'),
  })
  .meta({ id: 'Topic' })

export const topicQuerySchema = pageQuery('Part of the topic name')

export const topicPageSchema = z
  .object({
    total: z.int().nonnegative(),
    matching: z.int().nonnegative(),
    items: z.array(topicSchema).describe('By topic name'),
  })
  .meta({ id: 'TopicPage' })

export type Topic = z.infer<typeof topicSchema>
export type TopicQuery = z.infer<typeof topicQuerySchema>
export type TopicPage = z.infer<typeof topicPageSchema>
