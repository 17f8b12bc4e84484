/** Whether there is room for one more client: counts and rates, in all, by listener and by source address. */
import type { Clock } from '@hawser/std'
import type { Connection } from '../session/connection.ts'
import type { Limits } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

/** Addresses whose rate is known; past it the one that came first is forgotten. */
const addressesMax = 100_000

type Crowded =
  | 'connections-max'
  | 'listener-connections-max'
  | 'connect-rate'
  | 'listener-connect-rate'
  | 'address-connect-rate'

export class Admission {
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #connectionCount: () => number
  readonly #rate: TokenBucket
  readonly #byListener = new Map<string, TokenBucket>()
  readonly #byAddress = new Map<string, TokenBucket>()

  constructor(limits: Limits, clock: Clock, connectionCount: () => number) {
    this.#limits = limits
    this.#clock = clock
    this.#connectionCount = connectionCount
    this.#rate = new TokenBucket(limits.connectsPerSecondMax, clock.monotonicMs())
  }

  /** What stands against a CONNECT; its own connection is counted. */
  judge({ limits, transport }: Connection): Crowded | undefined {
    if (this.#connectionCount() > this.#limits.connectionsMax) return 'connections-max'
    if (transport.crowded) return 'listener-connections-max'
    const { listener, remoteAddress } = transport
    const address = addressOf(remoteAddress)
    if (!this.#take(this.#byAddress, address, limits.connectsPerSecondPerAddressMax)) return 'address-connect-rate'
    const isOwn = limits !== this.#limits
    if (isOwn && !this.#take(this.#byListener, listener, limits.connectsPerSecondMax)) return 'listener-connect-rate'
    const { connectsPerSecondMax } = this.#limits
    if (connectsPerSecondMax === 0) return undefined
    return this.#rate.tryTake(connectsPerSecondMax, this.#clock.monotonicMs()) ? undefined : 'connect-rate'
  }

  #take(buckets: Map<string, TokenBucket>, key: string, perSecond: number): boolean {
    if (perSecond === 0) return true
    const nowMs = this.#clock.monotonicMs()
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      if (buckets.size >= addressesMax) {
        const [oldest = ''] = buckets.keys()
        buckets.delete(oldest)
      }
      bucket = new TokenBucket(perSecond, nowMs)
      buckets.set(key, bucket)
    }
    return bucket.tryTake(perSecond, nowMs)
  }
}

/** Of `address:port`, without the port; an IPv4 address within IPv6 as itself. */
export function addressOf(remoteAddress: string): string {
  const colon = remoteAddress.lastIndexOf(':')
  const address = colon < 0 ? remoteAddress : remoteAddress.slice(0, colon)
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address
}
