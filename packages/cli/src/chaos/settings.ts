/** The flags of `hawser chaos`, checked and bounded. */
import { HawserError, type Milliseconds, milliseconds, nearest, type Random } from '@hawser/std'
import { type FormName, formNames } from '@hawser/verify/chaos'
import type { FlagValues } from '../flags.ts'
import { secondsOf } from '../simulate/device-flags.ts'
import type { chaosFlags } from './flags.ts'

export interface ChaosSettings {
  readonly nodes: number
  readonly workers: number | undefined
  readonly engine: string | undefined
  readonly natsServer: string | undefined
  readonly target: readonly URL[] | undefined
  readonly faultsFile: string | undefined
  /** Undefined: all that can be done. */
  readonly faults: readonly string[] | undefined
  readonly forms: readonly FormName[]
  readonly rounds: number
  readonly ratePerSecond: number
  readonly clients: number
  readonly holdMs: Milliseconds | undefined
  readonly settleMsMax: Milliseconds
  readonly patienceSeconds: number
  readonly minutes: number
  readonly seed: number
}

export function chaosSettings(given: FlagValues<typeof chaosFlags>, random: Random): ChaosSettings {
  const { engine, target } = given
  refuseTogether('--target', target, '--engine', engine)
  refuseTogether('--target', target, '--nodes', given.nodes)
  refuseTogether('--target', target, '--workers', given.workers)
  for (const other of ['nodes', 'engine', 'nats-server'] as const) {
    if (given.workers === undefined || given[other] === undefined) continue
    throw new HawserError('USAGE', `--workers are on one host and data folder, and --${other} is not`, {
      mend: 'give one of them',
    })
  }
  refuseTogether('--target', target, '--nats-server', given['nats-server'])
  refuseTogether('--engine', engine, '--nats-server', given['nats-server'])
  return {
    nodes: bounded('--nodes', given.nodes ?? 3, 1, 16),
    workers: given.workers === undefined ? undefined : bounded('--workers', given.workers, 2, 16),
    engine,
    natsServer: given['nats-server'],
    target: target?.map(targetOf),
    faultsFile: given['faults-file'],
    faults: given.fault,
    forms: given.form === undefined ? formNames : given.form.map(formOf),
    rounds: bounded('--rounds', given.rounds ?? 20, 1, 10_000),
    ratePerSecond: bounded('--rate', given.rate ?? 500, 10, 20_000),
    clients: bounded('--clients', given.clients ?? 500, 1, 10_000),
    holdMs: given.hold === undefined ? undefined : milliseconds(secondsOf('--hold', given.hold) * 1000),
    settleMsMax: milliseconds(secondsOf('--settle', given.settle ?? '60') * 1000),
    patienceSeconds: bounded('--patience', given.patience ?? 2, 1, 60),
    minutes: bounded('--minutes', given.minutes ?? 60, 1, 24 * 60),
    seed: given.seed ?? random.integer(2 ** 31),
  }
}

function refuseTogether(one: string, ofOne: unknown, other: string, ofOther: unknown): void {
  if (ofOne === undefined || ofOther === undefined) return
  throw new HawserError('USAGE', `${one} is about what runs, and ${other} about what is started for the run`, {
    mend: 'give one of them',
  })
}

function bounded(flag: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value
  throw new HawserError('USAGE', `${flag} ${value} is out of bounds`, { mend: `give one from ${min} to ${max}` })
}

function targetOf(text: string): URL {
  const url = URL.parse(text)
  if (url !== null && /^mqtts?:$/.test(url.protocol) && url.hostname !== '') return url
  throw new HawserError('USAGE', `--target ${text} is no address of a broker`, {
    mend: 'write it as mqtt://HOST:PORT or mqtts://HOST:PORT',
  })
}

function formOf(text: string): FormName {
  const form = formNames.find((name) => name === text)
  if (form !== undefined) return form
  const near = nearest(text, formNames)
  throw new HawserError('USAGE', `--form ${text} is not one of ${formNames.join(', ')}`, {
    mend: near === undefined ? 'choose of them' : `did you mean "${near}"?`,
  })
}
