/** Rights over wills: asked at CONNECT, and again when the will is due, of the identity that left it. */
import type { Identity } from '../access.ts'
import type { StoredWill } from '../journal/session-state.ts'
import type { Services } from '../services.ts'

export async function mayLeaveWill(
  { rights, counters }: Services,
  identity: Identity,
  topic: string,
): Promise<boolean> {
  const allowed = !topic.startsWith('$SYS/') && (await rights.ask(identity, 'publish', topic)) === true
  if (!allowed) counters.refused['will-not-authorized']++
  return allowed
}

/** Publishes a will that may still be published; at once unless somebody else must be asked. */
export function publishIfAllowed(services: Services, will: StoredWill, publish: () => void): void {
  const { rights, counters } = services
  const decide = (allowed: boolean | undefined): void => {
    if (allowed === true) return publish()
    counters.refused['will-not-authorized']++
    counters.dropped['not-authorized']++
  }
  rights.answered(rights.ask(will.identity, 'publish', will.topic), decide)
}
