/** Anonymous access is for this machine alone, unless it is said. */
import { BlockList } from 'node:net'
import { HawserError } from '@hawser/std'
import { anonymousAt, chainOf } from '../config/auth-configuration.ts'
import type { Configuration } from '../config/configuration.ts'
import { type ConfigurationListener, enabledListeners } from '../config/listeners.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || loopback.check(host, host.includes(':') ? 'ipv6' : 'ipv4')

/**
 * Nobody from outside comes in without a login, at any listener. A chain that ends in `anonymous` is somebody's word
 * that it is meant.
 */
export function refuseOpenDoors(configuration: Configuration, consoleHost?: string): void {
  for (const [name, listener] of enabledListeners(configuration.listeners)) {
    if (isLocal(listener) || anonymousAt(configuration, name) || asksForLogin(configuration, name, listener)) continue
    refuse(listener.host, `configure auth, add --allow-anonymous if that is meant, or listen on ${loopbackHost}`)
  }
  if (consoleHost !== undefined && !isLoopback(consoleHost) && !configuration.allowAnonymous) {
    refuse(consoleHost, `add --allow-anonymous if that is meant, or listen on ${loopbackHost}`)
  }
}

const loopbackHost = '127.0.0.1'

/** Who may open a Unix socket is said by the rights of its file. */
const isLocal = ({ socket, host }: ConfigurationListener): boolean => socket !== undefined || isLoopback(host)

/** A listener that no certificate passes but those of its authority knows who comes. */
function asksForLogin(configuration: Configuration, name: string, { tls }: ConfigurationListener): boolean {
  const certified = tls?.clientCertificate === 'require' && tls.caFile !== undefined
  return certified || configuration.mosquittoAccess !== undefined || chainOf(configuration, name) !== undefined
}

function refuse(host: string, mend: string): never {
  throw new HawserError('CONFIG_INVALID', `${host} can be reached by others and nobody has to log in`, { mend })
}
