/** Whom a connection trusts, and where a secret is. */
import * as z from 'zod'
import { setting, text } from './setting.ts'

export const tls = z
  .strictObject({
    ca_file: setting(text, undefined, 'PEM; none: what Node trusts'),
    certificate_file: setting(text, undefined, 'PEM, of this client'),
    key_file: setting(text, undefined, 'PEM, of this client'),
  })
  .refine(
    ({ certificate_file, key_file }) => (certificate_file === undefined) === (key_file === undefined),
    'give both of certificate_file and key_file, or neither',
  )

export const secret = z
  .strictObject({
    file: setting(text, undefined, 'a file that holds it'),
    env: setting(text, undefined, 'name of the environment variable that holds it'),
  })
  .refine(({ file, env }) => (file === undefined) !== (env === undefined), 'give one of file, env')

export const brokerUrl = z
  .string()
  .regex(/^mqtts?:\/\/[^\s@]+$/, 'a URL begins with mqtt:// or mqtts://, without a user in it')

export const login = {
  username: setting(text, undefined, 'with password'),
  password: secret.optional().meta({ description: 'of username' }),
}

interface Login {
  readonly username?: unknown
  readonly password?: unknown
}

/** For `refine`. */
export const loginWhole = [
  ({ username, password }: Login): boolean => (username === undefined) === (password === undefined),
  'give both of username and password, or neither',
] as const
