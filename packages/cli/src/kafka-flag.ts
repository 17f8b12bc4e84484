import { HawserError } from '@hawser/std'

/** `host:port`, the host of IPv6 in brackets. */
export const kafkaAddress = /^([^\s:]+|\[[^\]]+\]):\d+$/

/** What `--kafka` says, checked. */
export function kafkaBrokers(given: readonly string[] | undefined): readonly string[] | undefined {
  const wrong = given?.find((broker) => !kafkaAddress.test(broker))
  if (wrong === undefined) return given
  throw new HawserError('USAGE', `--kafka ${wrong} is no address`, { mend: 'write it as 127.0.0.1:9092' })
}
