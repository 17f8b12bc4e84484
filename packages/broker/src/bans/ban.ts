/** Who is not let in, whatever it can prove. */
import net from 'node:net'
import { HawserError } from '@hawser/std'

export const banKinds = ['client-id', 'username', 'address'] as const
export type BanKind = (typeof banKinds)[number]

export interface BanTarget {
  readonly kind: BanKind
  /** A client identifier, a user name; an IP address or a CIDR block. */
  readonly value: string
}

export interface Ban extends BanTarget {
  readonly reason: string
  readonly by: 'operator' | 'flapping'
  /** Milliseconds of the wall clock. */
  readonly createdAtMs: number
  /** Undefined: until it is taken back. */
  readonly expiresAtMs: number | undefined
}

/** What becomes of the bans in force. */
export type BanChange =
  | { readonly kind: 'added'; readonly ban: Ban }
  | { readonly kind: 'removed'; readonly target: BanTarget }

const families = { 4: 'ipv4', 6: 'ipv6' } as const

export interface AddressBlock {
  readonly address: string
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/** Undefined for what is neither an address nor a block of them. */
export function addressBlock(value: string): AddressBlock | undefined {
  const [address = '', prefix, ...rest] = value.split('/')
  const version = net.isIP(address)
  if (version === 0 || rest.length > 0) return undefined
  const bits = version === 4 ? 32 : 128
  if (prefix === undefined) return { address, prefix: bits, family: families[version as 4 | 6] }
  const length = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  return length <= bits ? { address, prefix: length, family: families[version as 4 | 6] } : undefined
}

export function checkTarget({ kind, value }: BanTarget): void {
  if (value === '') throw new HawserError('USAGE', `a ban of an empty ${kind}`, { mend: 'name whom it is for' })
  if (kind !== 'address' || addressBlock(value) !== undefined) return
  throw new HawserError('USAGE', `${value} is no address`, { mend: 'give an IP address, or a block as 10.0.0.0/8' })
}
