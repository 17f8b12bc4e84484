/** Anonymous access is for this machine alone, unless it is said. */
import { BlockList } from 'node:net'
import { HawserError } from '@hawser/std'
import type { Configuration } from '../config/configuration.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || loopback.check(host, host.includes(':') ? 'ipv6' : 'ipv4')

export function refuseOpenDoors({ allowAnonymous }: Configuration, hosts: readonly string[]): void {
  const open = hosts.find((host) => !isLoopback(host))
  if (open === undefined || allowAnonymous) return
  throw new HawserError('CONFIG_INVALID', `${open} can be reached by others and nobody has to log in`, {
    mend: 'add --allow-anonymous if that is meant, or listen on 127.0.0.1',
  })
}
