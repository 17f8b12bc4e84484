/** `hawser simulate replay FILE.csv` */
import { type ReplayOptions, type ReplayProgress, type ReplayReport, replay } from '@hawser/simulate'
import { HawserError, keepProcessAlive, milliseconds } from '@hawser/std'
import { type CommandIo, exitCode } from '../command.ts'
import { type FlagValues, parseFlags } from '../flags.ts'
import { clientFlags, connectionOf, given, qosOf, secondsOf } from './device-flags.ts'
import { replayFlags } from './replay-flags.ts'

const flags = { ...clientFlags, ...replayFlags } as const

export async function replayCommand(args: readonly string[], io: CommandIo): Promise<number> {
  using _alive = keepProcessAlive()
  const { flags: values, positionals } = parseFlags(flags, args)
  const options = replayOptions(values, positionals, io.env)
  const report = await replay(options, {
    ...connectionOf(values, io.env),
    clock: io.clock,
    random: io.random,
    signal: io.signal,
    log: (line) => io.stderr.write(`${line}\n`),
    onProgress: progressWriter(io),
  })
  io.stdout.write(values.json ? `${JSON.stringify(report)}\n` : reportText(report, options))
  return report.complete && report.refused.length === 0 ? exitCode.success : exitCode.failure
}

function replayOptions(
  values: FlagValues<typeof flags>,
  positionals: readonly string[],
  env: CommandIo['env'],
): ReplayOptions {
  const [file, more] = positionals
  const topic = values.topic ?? env['MQTT_PUB_TOPIC']
  if (file === undefined) throw new HawserError('USAGE', 'replay of which recording?', { mend: 'name a CSV file' })
  if (more !== undefined) throw new HawserError('USAGE', `unexpected argument "${more}"`, { mend: 'see --help' })
  if (topic === undefined) throw new HawserError('USAGE', 'replay needs a topic', { mend: 'give --topic TOPIC' })
  const giveUp = values['give-up']
  return {
    file,
    topic,
    qos: qosOf(values.qos) ?? 1,
    speed: speedOf(values.speed ?? '1x'),
    ...given({
      retain: values.retain,
      timeColumn: values['time-column'],
      columns: values.columns,
      limit: values.limit,
      resume: values.resume,
      windowRows: values.window,
      clientIdPrefix: values['client-id'] ?? env['MQTT_CLIENT_ID'],
      giveUpSeconds: giveUp === undefined ? undefined : secondsOf('--give-up', giveUp),
    }),
  }
}

function speedOf(text: string): number | 'max' {
  if (text === 'max') return 'max'
  const speed = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1])
  if (speed > 0) return speed
  throw new HawserError('USAGE', `--speed ${text} is no speed`, { mend: 'write it as 100x, or max' })
}

const secondsBetweenLines = milliseconds(5_000)

/** On a terminal one line that changes, elsewhere one every few seconds. */
function progressWriter({ stderr, clock }: CommandIo): (progress: ReplayProgress) => void {
  let nextMs = clock.monotonicMs() + secondsBetweenLines
  return ({ sent, acknowledged, fileFraction }) => {
    const text = `${Math.floor(fileFraction * 100)} % read, ${sent} rows sent, ${acknowledged} acknowledged`
    if (stderr.isTTY) return stderr.write(`\r${text} `)
    if (clock.monotonicMs() < nextMs) return
    nextMs = clock.monotonicMs() + secondsBetweenLines
    stderr.write(`${text}\n`)
  }
}

function reportText(report: ReplayReport, { qos, resume }: ReplayOptions): string {
  const { sent, acknowledged, refused, resent, uncertain, resumedAt, seconds, complete } = report
  const perSecond = Math.round((sent - resumedAt) / Math.max(seconds, 0.001))
  const lines = [
    `${sent} rows sent, ${qos === 0 ? 'none acknowledged (QoS 0)' : `${acknowledged} acknowledged`}, in ${seconds.toFixed(1)} s (${perSecond} rows/s)`,
  ]
  if (resumedAt > 0) lines.push(`the first ${resumedAt} of them by an earlier replay`)
  if (resent > 0) lines.push(`${resent} sent again after a lost connection`)
  if (uncertain > 0) lines.push(`${uncertain} of them perhaps twice at the broker: it had lost the session`)
  if (refused.length > 0) lines.push(`refused by the broker: rows ${refused.map((row) => row + 1).join(', ')}`)
  if (!complete) lines.push(`not complete${resume === undefined ? '' : `; --resume ${resume} goes on from here`}`)
  return `${lines.join('\n')}\n`
}
