/**
 * Faults that the suite must find. Each breaks one statement between the peer and a broker that keeps it, and names the
 * case that must then fail: `faults.test.ts` proves it.
 */
import type { Version } from '../statements/statement.ts'
import { connectFaults } from './connect-faults.ts'
import { deliveryFaults } from './delivery-faults.ts'
import { publishFaults } from './publish-faults.ts'
import { requestFaults } from './request-faults.ts'
import { webSocketFaults } from './web-socket-faults.ts'

/** Ways to answer one side in place of the other. */
export interface Link {
  toClient(...packets: readonly Buffer[]): void
  toServer(...packets: readonly Buffer[]): void
}

/** What happens to one connection. A packet becomes what is answered: none, itself, or others. */
export interface Breaks {
  readonly fromServer?: (packet: Buffer, link: Link) => readonly Buffer[]
  readonly fromClient?: (packet: Buffer, link: Link) => readonly Buffer[]
  /** The client does not learn that the server has closed. */
  readonly staysOpen?: boolean
  /** Of a WebSocket, chunk by chunk. */
  readonly webSocket?: {
    readonly fromClient?: (chunk: Buffer) => Buffer
    readonly fromServer?: (chunk: Buffer) => Buffer
  }
}

export interface Fault {
  readonly name: string
  readonly version: Version
  /** The statement whose case must fail. */
  readonly id: string
  /** Called once for each connection. */
  readonly breaks: () => Breaks
}

export const faults: readonly Fault[] = [
  ...connectFaults,
  ...publishFaults,
  ...requestFaults,
  ...webSocketFaults,
  ...deliveryFaults,
]

export function faultNamed(name: string): Fault {
  const fault = faults.find((fault) => fault.name === name)
  if (fault === undefined) throw new Error(`no fault is called ${name}`)
  return fault
}
