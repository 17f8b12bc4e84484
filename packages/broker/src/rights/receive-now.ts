/** For resolving a route, which cannot wait: what is known of a receiver's right now. */
import type { Route } from '../router/route.ts'
import type { Services } from '../services.ts'
import type { Session } from '../session/session.ts'

/** Undefined while somebody is asked: with the answer the route is resolved anew, and what waits in the log is read. */
export function receiveNow(services: Services, session: Session, route: Route): boolean | undefined {
  return askNow(services, session, route.topic, () => {
    route.stale = true
    services.catchUp.start(session)
  })
}

/** The same for a share: with the answer, what waits in the log is handed out. */
export function receiveShareNow(
  services: Services,
  session: Session,
  message: { readonly topic: string },
): boolean | undefined {
  if (services.rights.open) return true
  return askNow(services, session, message.topic, () => services.shared.wake(session))
}

function askNow(services: Services, session: Session, topic: string, answered: () => void): boolean | undefined {
  if (services.rights.open) return true
  const { connection } = session
  if (connection === undefined) return false
  const answer = connection.mayReceive(topic)
  if (typeof answer === 'boolean') return answer
  services.rights.answered(answer, () => {
    if (session.connection === connection) answered()
  })
  return undefined
}
