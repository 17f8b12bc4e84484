/** Rights may have changed: no answer counts any more, and what stands on them is asked for again. */
import { reasonCode } from '@hawser/codec'
import type { Services } from '../services.ts'
import type { Connection } from '../session/connection.ts'
import { reauthorize } from './subscribe-rights.ts'

export function rightsChanged(services: Services, connections: Iterable<Connection>): void {
  services.rights.changed()
  services.router.rightsChanged()
  for (const connection of connections) {
    connection.forgetRights()
    const { session, identity } = connection
    if (identity !== undefined && services.access.stands?.(identity) === false) {
      connection.disconnect(reasonCode.notAuthorized, 'the credentials do not hold any more')
      continue
    }
    if (session === undefined) continue
    reauthorize(services, session, connection).catch((error) => services.failed(connection, error))
  }
}
