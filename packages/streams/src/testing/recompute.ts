/** The independent recomputation: a Python program beside the vectors. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../../test-vectors/recompute.py', import.meta.url))

const probe = spawnSync('python3', ['-c', 'import sys, zoneinfo; zoneinfo.ZoneInfo("Europe/Berlin"); print("ok")'])

/** Why the recomputation cannot run here, or false: as `skip` of a test. */
export const recomputeMissing: string | false =
  probe.status === 0 ? false : 'needs python3 (3.9 or newer) with time zones: apt install python3 tzdata'

export function recompute(mode: 'kpi' | 'climate', input: string): string {
  const run = spawnSync('python3', [script, mode], { input, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })
  if (run.status !== 0) throw new Error(`recompute.py failed: ${run.stderr}`)
  return run.stdout
}
