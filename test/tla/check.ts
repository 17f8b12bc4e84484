/**
 * Checks Sessions.tla over all histories within bounds:
 *
 *   node test/tla/check.ts --qos 2 --messages 2 --crashes 1 --losses 1 --flaw none
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkModel, type Verdict } from '../servers/tlc.ts'

export const flaws = [
  'acknowledged before the commit',
  'adopted while it runs',
  'claim without ends',
  'cursor past the unacknowledged',
  'no barrier',
  'sent before it is assigned',
  'will without claim',
] as const
export type Flaw = (typeof flaws)[number]

export interface Bounds {
  /** Of the subscription. */
  readonly qos: 1 | 2
  readonly messages: number
  /** Processes that die. */
  readonly crashes: number
  /** Connections that are lost. */
  readonly losses: number
}

const module = fileURLToPath(new URL('./Sessions.tla', import.meta.url))

export const checkSessions = (bounds: Bounds, flaw: Flaw | 'none' = 'none'): Promise<Verdict> =>
  checkModel(
    module,
    `SPECIFICATION Spec
CONSTANTS
  a = a
  b = b
  Processes = {a, b}
  MessagesMax = ${bounds.messages}
  CrashesMax = ${bounds.crashes}
  LossesMax = ${bounds.losses}
  Qos = ${bounds.qos}
  Flaw = "${flaw}"
SYMMETRY Symmetry
INVARIANTS AcknowledgedIsDurable InOrder Once OneOwner IdsAreUnique WillOnce
`,
  )

if (import.meta.main) {
  const text = (value: string) => ({ type: 'string', default: value }) as const
  const { values } = parseArgs({
    options: { qos: text('2'), messages: text('2'), crashes: text('1'), losses: text('1'), flaw: text('none') },
  })
  const { qos, messages, crashes, losses } = values
  const bounds = { messages: Number(messages), crashes: Number(crashes), losses: Number(losses) }
  const flaw = flaws.find((one) => one === values.flaw) ?? 'none'
  const verdict = await checkSessions({ qos: qos === '1' ? 1 : 2, ...bounds }, flaw)
  if (verdict.kind === 'holds') process.stdout.write(`holds in ${verdict.stateCount} states\n`)
  else process.stdout.write(`${verdict.trace}\n${verdict.what}\n`)
  process.exitCode = verdict.kind === 'holds' ? 0 : 1
}
