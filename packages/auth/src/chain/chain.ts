/** The methods of a listener, in the order in which they are asked. */
import type { Candidate } from '@hawser/broker'
import { refused } from '@hawser/broker'
import { reasonCode } from '@hawser/codec'
import type { AuthenticationMethod, ExchangeMethod, Refusal, Verdict } from '../method.ts'

export interface Chain {
  readonly methods: readonly AuthenticationMethod[]
  readonly exchanges: readonly ExchangeMethod[]
}

export type ChainVerdict = Exclude<Verdict, { kind: 'not-mine' }>

const noCredentials: Refusal = refused(reasonCode.notAuthorized, 'no-credentials')

/** The first that accepts or refuses decides; where none finds anything to judge, the door stays shut. */
export async function askInOrder(chain: Chain, candidate: Candidate): Promise<ChainVerdict> {
  for (const method of chain.methods) {
    const verdict = await method.authenticate(candidate)
    if (verdict.kind !== 'not-mine') return verdict
  }
  return noCredentials
}
