/** `hawser chaos`: breaks a cluster on purpose while independent clients keep the books. */
import { writeFile } from 'node:fs/promises'
import { milliseconds, seededRandom } from '@hawser/std'
import {
  BrokenOff,
  type ChaosEvent,
  type ChaosSummary,
  chaosHtml,
  isCaseEven,
  runChaos,
  summarize,
} from '@hawser/verify/chaos'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { helpText, parseFlags, refusePositionals } from '../flags.ts'
import { version } from '../version.ts'
import { chaosFlags } from './flags.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { eventLine } from './render.ts'
import { type ChaosSettings, chaosSettings } from './settings.ts'
import { surroundingsOf } from './surroundings.ts'

/** A number in the books is some 20 bytes; those of one fault are in memory. */
const entriesMax = 5_000_000

export const chaosCommand: Command = {
  name: 'chaos',
  summary: 'break a cluster on purpose, and check that nothing acknowledged is lost',
  help: helpText({
    usage: 'hawser chaos [flags]',
    about: `Breaks one thing in each round while independent clients publish and receive, and compares their books: nothing
acknowledged is lost, QoS 2 comes once, each publisher's messages in order, wills and retained values as they must.
It starts a cluster of its own, or goes against a running one. What it breaks it mends, also after Ctrl-C.
The exit code is 0 if all books are even, 1 if not or if it ended early, 8 if a broker does not answer at all,
2 and 3 for mistakes in the command and the file of faults; docs/chaos.md has more.`,
    flags: chaosFlags,
    examples: [
      { command: 'hawser chaos --report chaos.html', does: 'all faults on three nodes of its own, on this host' },
      { command: 'hawser chaos --fault kill --form qos1,qos2 --rounds 5', does: 'a short one' },
      { command: 'hawser chaos --engine nats://a:4222,nats://b:4222', does: 'its nodes on these NATS servers' },
      { command: 'hawser chaos --target mqtt://a,mqtt://b --faults-file faults.yaml', does: 'a cluster that runs' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(chaosFlags, args)
    refusePositionals(positionals)
    const settings = chaosSettings(given, io.random)
    await using _alone = await oneAtATime()
    const tell = (event: ChaosEvent): void => {
      io.stdout.write(`${given.json ? JSON.stringify({ time: timeOf(io), ...event }) : eventLine(event)}\n`)
    }
    const summary = await summaryOf(settings, io, tell)
    if (given.report !== undefined) await writeFile(given.report, chaosHtml(summary))
    if (given.summary !== undefined) await writeFile(given.summary, `${JSON.stringify(summary, undefined, 2)}\n`)
    tell({ event: 'ended', ok: summary.ok, reason: summary.reason, tookMs: summary.tookMs })
    return summary.ok ? exitCode.success : exitCode.failure
  },
}

const timeOf = ({ clock }: CommandIo): string => new Date(clock.wallMicros() / 1000).toISOString()

async function summaryOf(
  settings: ChaosSettings,
  io: CommandIo,
  tell: (event: ChaosEvent) => void,
): Promise<ChaosSummary> {
  const { clock } = io
  const { seed, minutes, forms, rounds, ratePerSecond, settleMsMax, holdMs } = settings
  const startedAt = timeOf(io)
  const startedAtMs = clock.monotonicMs()
  const late = new AbortController()
  using _limit = clock.after(milliseconds(minutes * 60_000), () =>
    late.abort(new BrokenOff(`not all rounds were run within ${minutes} min: give more --minutes, or fewer --rounds`)),
  )
  const signal = AbortSignal.any([io.signal, late.signal])
  const prefix = `hawser-chaos-${io.random.integer(2 ** 32).toString(36)}`
  await using owned = new AsyncDisposableStack()
  const { cluster, reach, faults } = await surroundingsOf(settings, prefix, { clock, env: io.env, signal }, owned)
  const addresses = reach.addresses.map(({ protocol, host }) => `${protocol}//${host}`)
  const names = faults.flatMap(({ name, missing }) => (missing === undefined ? name : []))
  tell({ event: 'started', seed, addresses, faults: names, forms, rounds, ratePerSecond })
  const plan = { reach, faults, forms, rounds, ratePerSecond, prefix, settleMsMax, holdMs, entriesMax }
  const { cases, brokenOff } = await runChaos(plan, { clock, random: seededRandom(seed), signal, tell })
  const uneven = cases.filter((one) => !isCaseEven(one))
  const ok = brokenOff === undefined && uneven.length === 0
  return {
    version,
    startedAt,
    tookMs: Math.round(clock.monotonicMs() - startedAtMs),
    ok,
    reason: ok ? undefined : (brokenOff ?? uneven.map(({ fault, form }) => `${fault} × ${form}`).join(', ')),
    seed,
    cluster,
    addresses,
    ratePerSecond,
    notHere: faults.flatMap(({ name, missing }) => (missing === undefined ? [] : { fault: name, why: missing })),
    cases: cases.map(summarize),
    rounds: cases.flatMap((one) => one.rounds),
  }
}
