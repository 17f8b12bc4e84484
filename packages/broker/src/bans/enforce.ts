/** Bans at the door and on those who are in already. */
import { reasonCode } from '@hawser/codec'
import { shareBans } from '../cluster/shared-bans.ts'
import { refuse } from '../limits/refusals.ts'
import type { Services } from '../services.ts'
import type { Connection } from '../session/connection.ts'
import type { Ban, BanTarget } from './ban.ts'

/** What a connection is banned by, before and after it has proved who it is. */
export function isBanned({ services, transport }: Connection, clientId: string, username: string | undefined): boolean {
  return services.bans.bans({ clientId, username, remoteAddress: transport.remoteAddress })
}

/** A client has been let in; one that comes too often is banned, and its connection is one too many. */
export function watchFlapping(connection: Connection, clientId: string): boolean {
  const { services } = connection
  if (!services.flapping.connected(clientId)) return false
  refuse(services.counters, 'flapping')
  const seconds = Math.ceil(services.limits.flappingBanMs / 1_000)
  services.bans
    .add({ kind: 'client-id', value: clientId, reason: 'connected too often', by: 'flapping', seconds })
    .catch((error) => services.failed(connection, error))
  return true
}

/** Those who are in already. */
export function disconnectBanned(connections: Iterable<Connection>): void {
  for (const connection of [...connections]) {
    const { identity, username } = connection
    if (identity === undefined) continue
    const named = [username, identity.username].some((name) => isBanned(connection, identity.clientId, name))
    if (named) connection.disconnect(reasonCode.administrativeAction, 'banned')
  }
}

export interface Bans {
  list(): readonly Ban[]
  /** Closes the connections that it is for: 0x98. Rejects with `USAGE` where the target is no such. */
  add(ban: BanTarget & { readonly reason?: string; readonly seconds?: number }): Promise<Ban>
  remove(target: BanTarget): Promise<boolean>
}

export function bansOf(services: Services, connections: Iterable<Connection>): Bans {
  const { bans, cluster } = services
  if (cluster !== undefined) shareBans(cluster, bans, () => disconnectBanned(connections))
  return {
    list: () => bans.all,
    add: async ({ kind, value, reason = '', seconds }) => {
      const added = bans.add({ kind, value, reason, by: 'operator', seconds })
      disconnectBanned(connections)
      return added
    },
    remove: (target) => bans.remove(target),
  }
}
