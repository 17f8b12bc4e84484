/** What stands between the parts of the cluster: nothing, unless a fault is planted. */
import type { Limits } from '@hawser/broker'
import type { SimulatedHostOptions, SimulatedMember } from '@hawser/engine/simulated'

export type LoosePacket = Record<string, unknown>

/** What is done to the ports of a process before its broker gets them. */
export type Wiring = (member: SimulatedMember) => SimulatedMember

export interface Interference {
  /** Of the servers. */
  readonly flaw?: NonNullable<SimulatedHostOptions['flaw']>
  readonly wiring?: Wiring
  /** In force in the brokers; the model holds them against the narrow ones of a history. */
  readonly limits?: Partial<Limits>
  /** What becomes of a packet of a client; and of one to it: undefined where it is lost. */
  readonly outgoing?: (packet: LoosePacket) => LoosePacket
  readonly incoming?: (packet: LoosePacket) => LoosePacket | undefined
  /** An answer that a client has as soon as it sends. */
  readonly early?: (packet: LoosePacket) => LoosePacket | undefined
}
