import { HawserError } from '@hawser/std'

/** What `--kafka` says, checked. */
export function kafkaBrokers(given: readonly string[] | undefined): readonly string[] | undefined {
  const wrong = given?.find((broker) => !/^([^\s:]+|\[[^\]]+\]):\d+$/.test(broker))
  if (wrong === undefined) return given
  throw new HawserError('USAGE', `--kafka ${wrong} is no address`, { mend: 'write it as 127.0.0.1:9092' })
}
