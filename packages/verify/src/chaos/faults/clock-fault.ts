/** A node's wall clock is set an hour forward or back while it runs. */
import { writeFile } from 'node:fs/promises'
import { milliseconds } from '@hawser/std'
import type { ChaosNode } from '../cluster/chaos-node.ts'
import type { Fault } from './fault.ts'

const hourMs = 3_600_000
const preload = import.meta.resolve('@hawser/std/shifted-clock')

/** For a node whose clock can be set by what is written to this file. */
export const clockEnvironment = (file: string, nodeOptions = ''): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `${nodeOptions} --import=${preload}`.trim(),
  SHIFTED_CLOCK_FILE: file,
})

export const clockFault = (nodes: readonly ChaosNode[], fileOf: (index: number) => string): Fault => ({
  name: 'clock',
  holdMs: milliseconds(3_000),
  async inject({ random, undo }) {
    const index = random.integer(nodes.length)
    const isAhead = random.integer(2) === 0
    undo.defer(() => writeFile(fileOf(index), '0'))
    await writeFile(fileOf(index), `${isAhead ? hourMs : -hourMs}`)
    return `the clock of ${nodes[index]?.name} set an hour ${isAhead ? 'forward' : 'back'}`
  },
})
