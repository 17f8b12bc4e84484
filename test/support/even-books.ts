/** What a broker counts of each message adds up, by its own metrics, while it is under load. */
import assert from 'node:assert/strict'
import type { HawserProcess } from './hawser-process.ts'

const sample = /^hawser_broker_imbalances(?:\{[^}]*\})? (\d+)$/gm

/** Of a process that was started as `watched`. */
export async function assertEvenBooks({ httpPort }: HawserProcess): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${httpPort}/metrics`)
  const imbalances = [...(await answer.text()).matchAll(sample)].map(([, count]) => Number(count))
  assert.deepEqual(imbalances, [0])
}
