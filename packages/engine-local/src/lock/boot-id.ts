import { readFileSync } from 'node:fs'

/** Another one after each boot of the host; undefined where the platform does not tell it. */
export function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() || undefined
  } catch {
    return undefined
  }
}
