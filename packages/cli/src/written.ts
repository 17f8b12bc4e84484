import { once } from 'node:events'
import type { CommandIo } from './command.ts'

/** Onto stdout; a reader that is slower is waited for. */
export async function written(line: Uint8Array, { stdout, signal }: CommandIo): Promise<void> {
  if (!stdout.write(line)) await once(stdout, 'drain', { signal }).catch(() => undefined)
}
