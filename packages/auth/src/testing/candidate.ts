import type { Candidate, Identity } from '@hawser/broker'

export const candidate = (given: Partial<Candidate> & { readonly secret?: string } = {}): Candidate => {
  const { secret, ...rest } = given
  return {
    clientId: 'pump-7',
    clientIdAssigned: false,
    version: 5,
    username: undefined,
    password: secret === undefined ? undefined : Buffer.from(secret),
    certificate: undefined,
    listener: 'mqtt',
    remoteAddress: '192.0.2.7',
    ...rest,
  }
}

export const identity = (given: Partial<Identity> = {}): Identity => ({
  clientId: 'pump-7',
  username: 'ann',
  certificate: undefined,
  listener: 'mqtt',
  remoteAddress: '192.0.2.7',
  roles: [],
  rules: undefined,
  expiresAt: undefined,
  ...given,
})
