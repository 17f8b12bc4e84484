/**
 * Checks what file and environment say, in a process that ends with its answer: schema and YAML parser take more memory
 * than the broker has to spare, and neither a process nor its threads give back what they once needed.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { HawserError } from '@hawser/std'
import type { Validated } from './validate.ts'

/** What is to be checked: the text of a file, or what stands in the environment, in the file's spelling. */
export type CheckJob =
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | { readonly kind: 'environment' | 'value'; readonly value: Readonly<Record<string, unknown>> }

export const checkedFile = async (file: string): Promise<Validated> =>
  checked({ kind: 'file', file, text: await readText(file) })

/** What a program has put together; the places in it are named by the faults themselves. */
export const checkedValue = (value: Readonly<Record<string, unknown>>): Promise<Validated> =>
  checked({ kind: 'value', value })

export async function checked(job: CheckJob): Promise<Validated> {
  const child = fork(new URL('./check-process.ts', import.meta.url), { serialization: 'advanced', execArgv: [] })
  // Comes after all that was said, however the process ends.
  const gone = once(child, 'disconnect').then(() => {
    throw new Error('the process that checks the configuration ended without an answer')
  })
  const answer = once(child, 'message')
  child.send(job, () => undefined)
  const [validated] = await Promise.race([answer, gone])
  return validated as Validated
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message
    throw new HawserError('CONFIG_INVALID', `${file}: ${why}`, { mend: 'give the path of a YAML file', cause })
  }
}
