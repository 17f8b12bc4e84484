/**
 * A process of a kill test, by its first argument:
 *
 *   writer FOLDER     counts up in pairs of rows, each pair by one atomic write with expected revisions; a line
 *                     `PAIR COUNT` on standard output says what was acknowledged
 *   survivor FOLDER   keeps the state open and idle; on each line of standard input it reads all pairs, writes a row
 *                     of its own, and answers with a line of JSON
 *   counter FOLDER    counts one row up `countsPerProcess` times, against others that do the same
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { StateStore } from '@hawser/engine'
import { openLocalState } from '../local-state.ts'

export const pairs = 4
const standardOutput = 1

async function countPair(state: StateStore, pair: number): Promise<never> {
  const [left, right] = [`${pair}/left`, `${pair}/right`]
  for (;;) {
    const rows = [await state.get('pairs', left), await state.get('pairs', right)]
    const count = Number(rows[0]?.value.toString() ?? '0') + 1
    const answer = await state.write(
      [left, right].map((key, index) => ({
        table: 'pairs',
        key,
        value: Buffer.from(`${count}`),
        expected: rows[index]?.revision ?? 0,
      })),
    )
    if (answer !== 'applied') throw new Error(`pair ${pair} has one writer, yet its write was a ${answer}`)
    writeSync(standardOutput, `${pair} ${count}\n`)
  }
}

export const countsPerProcess = 200

async function count(state: StateStore): Promise<void> {
  for (let counted = 0; counted < countsPerProcess; ) {
    const row = await state.get('counters', 'shared')
    const value = Buffer.from(`${Number(row?.value.toString() ?? '0') + 1}`)
    const change = { table: 'counters', key: 'shared', value, expected: row?.revision ?? 0 }
    if ((await state.write([change])) === 'applied') counted++
  }
}

async function survive(state: StateStore): Promise<void> {
  writeSync(standardOutput, 'ready\n')
  for await (const line of createInterface({ input: process.stdin })) {
    const rows: Record<string, string> = {}
    for await (const { key, value } of state.scan('pairs')) rows[key] = value.toString()
    const answer = await state.write([{ table: 'survivor', key: 'round', value: Buffer.from(line) }])
    writeSync(standardOutput, `${JSON.stringify({ rows, answer })}\n`)
  }
}

const [role, folder = ''] = process.argv.slice(2)
if (role !== undefined) {
  const state = await openLocalState({ folder })
  if (role === 'writer') await Promise.all(Array.from({ length: pairs }, (_, pair) => countPair(state, pair)))
  else if (role === 'counter') await count(state)
  else await survive(state)
  await state[Symbol.asyncDispose]()
}
