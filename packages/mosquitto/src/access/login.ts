/** How Mosquitto lets clients in, as methods of a chain. Its refusals are all "not authorized". */
import { type AuthenticationMethod, accepted, notMine } from '@hawser/auth'
import { refused } from '@hawser/broker'
import { reasonCode } from '@hawser/codec'

/** Mosquitto has one code for whatever is wrong with a login, and devices may look at it. */
export const asMosquitto = (method: AuthenticationMethod): AuthenticationMethod => ({
  name: method.name,
  async authenticate(candidate) {
    const verdict = await method.authenticate(candidate)
    const isWrong = verdict.kind === 'refused' && verdict.result === 'bad-credentials'
    return isWrong ? refused(reasonCode.notAuthorized, verdict.result) : verdict
  },
  [Symbol.asyncDispose]: () => method[Symbol.asyncDispose](),
})

/** Where nobody is asked for a password, a name that is said counts as it does there: rules go by it. */
export const claimedName: AuthenticationMethod = {
  name: 'anonymous',
  authenticate: ({ username }) => accepted(username),
  async [Symbol.asyncDispose]() {},
}

/** Stands first: others than these are not even asked for a password. */
export const clientIdPrefix = (prefix: string): AuthenticationMethod => ({
  name: 'client-id',
  authenticate: ({ clientId }) =>
    clientId.startsWith(prefix) ? notMine : refused(reasonCode.notAuthorized, 'not-authorized'),
  async [Symbol.asyncDispose]() {},
})
