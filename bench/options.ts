/** What may be said on the command line. */
import { parseArgs } from 'node:util'
import { type BrokerName, brokerNames, natsProgram } from './brokers/broker-kind.ts'
import type { Row, Settings } from './rows/row.ts'
import { rows } from './rows/rows.ts'

export const usage = `npm run bench [-- OPTIONS]

  --rows NAME,…       only these rows: ${rows.map(({ name }) => name).join(' ')}
  --brokers NAME,…    only these brokers: ${brokerNames.join(' ')}
  --runs N            alternating runs of which the median counts (5)
  --seconds N         length of a run's measured part (5)
  --connections N     of the row idle-connections (10000)
  --publish           write README.md and results.json although the above narrows what is run
  --profile ROW       instead: one run of hawser under the profiler, and where its time went; on disk, or of the
                      first of --brokers
`

export interface Options {
  readonly rows: readonly Row[]
  readonly brokers: readonly BrokerName[]
  /** Left out, because they are not installed. */
  readonly absent: readonly BrokerName[]
  readonly settings: Settings
  readonly publish: boolean
  readonly profile: { readonly row: Row; readonly broker: BrokerName } | undefined
  readonly help: boolean
}

export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string' },
      brokers: { type: 'string' },
      runs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '10000' },
      publish: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const absent: readonly BrokerName[] = natsProgram === undefined ? ['nats'] : []
  const brokers = values.brokers === undefined ? brokerNames : values.brokers.split(',').map(brokerNamed)
  const isWhole = values.rows === undefined && values.brokers === undefined
  return {
    rows: values.rows === undefined ? rows : values.rows.split(',').map(rowNamed),
    brokers: brokers.filter((name) => !absent.includes(name)),
    absent: brokers.filter((name) => absent.includes(name)),
    settings: {
      runs: positive('--runs', values.runs),
      seconds: positive('--seconds', values.seconds),
      warmUpSeconds: 1,
      idleConnections: positive('--connections', values.connections),
      restartLogBytes: 1e9,
    },
    publish: values.publish || isWhole,
    profile:
      values.profile === undefined ? undefined : { row: rowNamed(values.profile), broker: brokers[0] ?? 'hawser-disk' },
    help: values.help,
  }
}

function rowNamed(name: string): Row {
  const row = rows.find((candidate) => candidate.name === name)
  if (row === undefined) throw new Error(`no row is called ${name}: ${rows.map((each) => each.name).join(' ')}`)
  return row
}

function brokerNamed(name: string): BrokerName {
  const broker = brokerNames.find((candidate) => candidate === name)
  if (broker === undefined) throw new Error(`no broker is called ${name}: ${brokerNames.join(' ')}`)
  return broker
}

function positive(flag: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value <= 0) throw new Error(`${flag} takes a positive integer, not ${text}`)
  return value
}
