/**
 * The devices that `hawser up` simulates, at a broker where everybody has to log in: a user of this start alone, whose
 * password goes from process to process and nowhere else.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type AuthenticationMethod, accepted, notMine } from '@hawser/auth'
import { accessActions } from '@hawser/broker'

export interface House {
  readonly username: string
  readonly password: string
}

export const houseUsername = 'hawser-up'

const digest = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest()

export function houseMethod({ username, password }: House): AuthenticationMethod {
  const expected = digest(password)
  const rules = [{ permission: 'allow', actions: accessActions, filter: '#' }] as const
  const verdict = { ...accepted(username, { rules }), anyClientId: true }
  return {
    name: 'house',
    authenticate: (candidate) =>
      candidate.username === username &&
      candidate.password !== undefined &&
      timingSafeEqual(digest(candidate.password), expected)
        ? verdict
        : notMine,
    knows: (name) => name === username,
    async [Symbol.asyncDispose]() {},
  }
}
