/** `hawser simulate factory|sensors|fleet`: a scenario's parts against any broker. */
import { type ScenarioName, scenarioParts } from '@hawser/simulate'
import { HawserError } from '@hawser/std'
import type { CommandIo } from '../command.ts'
import { parseFlags, refusePositionals } from '../flags.ts'
import { clientFlags, connectionOf, deviceFlags } from './device-flags.ts'
import { runParts } from './run-parts.ts'

const { scale, seed, 'dry-run': dryRun } = deviceFlags
const { broker, protocol } = clientFlags
const flags = { broker, protocol, scale, seed, 'dry-run': dryRun } as const

export function scenarioCommand(name: ScenarioName, args: readonly string[], io: CommandIo): Promise<number> {
  const { flags: values, positionals } = parseFlags(flags, args)
  refusePositionals(positionals)
  const parts = scenarioParts(name, { scale: scaleOf(values.scale ?? []) })
  return runParts(parts, { ...connectionOf(values, io.env), seed: values.seed, dryRun: values['dry-run'] }, io)
}

/** From `sine=3`, `machine=10` to how many of each. */
export function scaleOf(words: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, kind, count] = /^([a-z]+)=(\d{1,5})$/.exec(word) ?? []
      if (kind !== undefined && count !== undefined) return [kind, Number(count)] as const
      throw new HawserError('USAGE', `--scale ${word} says not how many of what`, { mend: 'write it as sine=3' })
    }),
  )
}
