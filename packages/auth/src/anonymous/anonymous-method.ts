/** The methods for doors where nobody has to log in. */
import { type AuthenticationMethod, accepted, notMine } from '../method.ts'

/** Whoever brings nothing to be judged is let in, and stays nobody: rules see no user name. */
export const anonymousMethod: AuthenticationMethod = {
  name: 'anonymous',
  // Who says a name or password and is wrong is not let in by saying it: it comes without both.
  authenticate: ({ username, password }) =>
    username === undefined && password === undefined ? accepted(undefined) : notMine,
  knows: () => false,
  async [Symbol.asyncDispose]() {},
}

/** For rules without any way to log in: a name that is only said counts for nothing. */
export const openMethod: AuthenticationMethod = {
  name: 'open',
  authenticate: () => accepted(undefined),
  async [Symbol.asyncDispose]() {},
}
