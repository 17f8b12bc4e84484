/** The key `mosquitto_access`: Mosquitto's own files and rules instead of `auth` and `acl`. */
import * as z from 'zod'
import { setting, text } from './setting.ts'

const door = z.strictObject({
  allow_anonymous: setting(z.boolean(), false, 'let in who says no user name'),
  password_file: setting(text, undefined, 'as mosquitto_passwd writes it'),
  acl_file: setting(text, undefined, 'user, topic and pattern lines'),
  username: setting(
    z.enum(['common-name', 'subject']),
    undefined,
    'the user name is this of the client certificate, and no password is asked for',
  ),
})

export const mosquittoAccess = z
  .strictObject({
    client_id_prefix: setting(text, undefined, 'a client id must begin with it'),
    listeners: z.record(z.string(), door).meta({ description: 'by name; at others nobody comes in' }),
  })
  .meta({ description: 'who may come in and do what by the files of a Mosquitto, in place of auth and acl' })
