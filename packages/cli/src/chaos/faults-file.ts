/** Faults of a cluster that is not ours, as its operator names them. */
import { readFile } from 'node:fs/promises'
import { HawserError, milliseconds } from '@hawser/std'
import type { CommandFault } from '@hawser/verify/chaos'
import { parse } from 'yaml'
import { z } from 'zod'

const schema = z.strictObject({
  faults: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits, dots and hyphens'),
        inject: z.string().min(1),
        undo: z.string().min(1).optional(),
        hold_seconds: z.number().min(0).max(3_600).default(5),
        limit_seconds: z.number().positive().max(600).default(30),
      }),
    )
    .min(1)
    .max(100),
})

export async function faultsOfFile(path: string): Promise<readonly CommandFault[]> {
  const { faults } = checked(path, await readFile(path, 'utf8').catch((cause: Error) => refuse(path, cause.message)))
  return faults.map(({ name, inject, undo, hold_seconds, limit_seconds }) => ({
    name,
    inject,
    undo,
    holdMs: milliseconds(hold_seconds * 1000),
    limitMs: milliseconds(limit_seconds * 1000),
  }))
}

function checked(path: string, text: string): z.infer<typeof schema> {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    refuse(path, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  return refuse(path, `${issue?.path.join('.')}: ${issue?.message}`)
}

function refuse(path: string, why: string): never {
  throw new HawserError('CONFIG_INVALID', `${path}: ${why}`, {
    mend: 'write a list "faults" of name, inject, undo, hold_seconds, limit_seconds (docs/chaos.md)',
  })
}
