/** A `topic` line of a bridge: pattern [direction [QoS [local prefix [remote prefix]]]], `""` for nothing. */

export const bridgeDirections = ['out', 'in', 'both'] as const
export type BridgeDirection = (typeof bridgeDirections)[number]

export interface BridgeTopic {
  readonly pattern: string
  readonly direction: BridgeDirection
  readonly qos: 0 | 1 | 2
  readonly localPrefix: string
  readonly remotePrefix: string
}

/** A text says what is wrong with it. */
export function bridgeTopicOf(line: string): BridgeTopic | string {
  const [pattern = '', direction = 'out', qos = '0', local = '', remote = '', ...more] = line
    .split(/ +/)
    .filter((each) => each !== '')
    .map((each) => (each === '""' ? '' : each))
  if (more.length > 0) return `${more.join(' ')} behind the prefixes`
  if (!bridgeDirections.some((each) => each === direction)) return `${direction} is no direction`
  if (!/^[012]$/.test(qos)) return `${qos} is no QoS`
  const prefix = [local, remote].find((each) => /[+#]/.test(each))
  if (prefix !== undefined) return `the prefix ${prefix} has a wildcard in it`
  if (`${local}${pattern}` === '' || `${remote}${pattern}` === '') return 'nothing is left of the topic on one side'
  return {
    ...{ pattern, localPrefix: local, remotePrefix: remote },
    ...{ direction: direction as BridgeDirection, qos: Number(qos) as 0 | 1 | 2 },
  }
}
