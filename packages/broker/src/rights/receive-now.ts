/** For resolving a route, which cannot wait: what is known of a receiver's right now. */
import type { Route } from '../router/route.ts'
import type { Services } from '../services.ts'
import type { Session } from '../session/session.ts'

/** Undefined while somebody is asked: with the answer the route is resolved anew, and what waits in the log is read. */
export function receiveNow(services: Services, session: Session, route: Route): boolean | undefined {
  if (services.rights.open) return true
  const { connection } = session
  if (connection === undefined) return false
  const answer = connection.mayReceive(route.topic)
  if (typeof answer === 'boolean') return answer
  services.rights.answered(answer, () => {
    route.stale = true
    if (session.connection === connection) services.catchUp.start(session)
  })
  return undefined
}
