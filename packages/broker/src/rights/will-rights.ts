/** Rights over wills: asked at CONNECT, and again when the will is due, of the identity that left it. */
import type { Identity } from '../access.ts'
import type { StoredWill } from '../journal/session-state.ts'
import type { Services } from '../services.ts'
import type { LateAnswer } from './rights.ts'

export async function mayLeaveWill(
  { rights, counters }: Services,
  identity: Identity,
  topic: string,
): Promise<boolean> {
  const allowed = !topic.startsWith('$SYS/') && (await rights.ask(identity, 'publish', topic)) === true
  if (!allowed) counters.refused['will-not-authorized']++
  return allowed
}

/** Whether a will may still be published, now that it is due. */
export const mayPublishWill = ({ rights }: Services, will: StoredWill): boolean | LateAnswer =>
  rights.ask(will.identity, 'publish', will.topic)

export function countRefusedWill({ counters }: Services): void {
  counters.refused['will-not-authorized']++
  counters.dropped['not-authorized']++
}
