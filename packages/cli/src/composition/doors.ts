/** Anonymous access is for this machine alone, unless it is said. */
import { BlockList } from 'node:net'
import { HawserError } from '@hawser/std'
import { chainOf } from '../config/auth-configuration.ts'
import type { Configuration } from '../config/configuration.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || loopback.check(host, host.includes(':') ? 'ipv6' : 'ipv4')

export interface OpenDoor {
  readonly host: string
  /** Its name, where clients can be asked to log in; undefined: of another protocol. */
  readonly listener: string | undefined
}

/** A chain that ends in `anonymous` is somebody's word that it is meant. */
export function refuseOpenDoors(configuration: Configuration, doors: readonly OpenDoor[]): void {
  if (configuration.allowAnonymous) return
  const open = doors.find(
    ({ host, listener }) =>
      !isLoopback(host) && (listener === undefined || chainOf(configuration, listener) === undefined),
  )
  if (open === undefined) return
  throw new HawserError('CONFIG_INVALID', `${open.host} can be reached by others and nobody has to log in`, {
    mend:
      open.listener === undefined
        ? 'add --allow-anonymous if that is meant, or listen on 127.0.0.1'
        : 'configure auth, add --allow-anonymous if that is meant, or listen on 127.0.0.1',
  })
}
