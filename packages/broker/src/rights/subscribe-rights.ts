/** Rights over subscriptions: asked at SUBSCRIBE, when a session's client comes back, and when rights have changed. */
import { parseSharedFilter } from '@hawser/codec'
import type { Services } from '../services.ts'
import type { Connection } from '../session/connection.ts'
import { endSubscription } from '../session/end-subscription.ts'
import type { Session } from '../session/session.ts'
import type { LateAnswer } from './rights.ts'

/** Rules judge what is subscribed to, whoever else shares it. */
export const judgedFilter = (filter: string): string => parseSharedFilter(filter)?.filter ?? filter

export function maySubscribe(connection: Connection, filter: string): boolean | LateAnswer {
  const { identity, services } = connection
  return identity !== undefined && services.rights.ask(identity, 'subscribe', judgedFilter(filter))
}

/** Ends the subscriptions of a session that its client may not have any more. What nobody could judge stays. */
export async function reauthorize(services: Services, session: Session, connection: Connection): Promise<void> {
  if (services.rights.open) return
  const late: Promise<void>[] = []
  for (const filter of [...session.subscriptions.keys()]) {
    const answer = maySubscribe(connection, filter)
    const take = (allowed: boolean | undefined): void => {
      if (allowed === false && session.connection === connection) withdraw(services, session, filter)
    }
    if (typeof answer === 'boolean') take(answer)
    else late.push(answer.then(take))
  }
  await Promise.all(late)
}

function withdraw(services: Services, session: Session, filter: string): void {
  if (!endSubscription(services, session, filter)) return
  services.counters.refused['subscription-withdrawn']++
  // Where the log takes nothing now, the client's next CONNECT asks again.
  if (session.durable) services.journal.append(session, { kind: 'unsubscribed', filter })
}
