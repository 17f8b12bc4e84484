/** Who gets in and what he may do. None of these is ever skipped. */
import { boolean, honoured, type Option, refused, text } from './option.ts'

export const securityOptions: readonly Option[] = [
  {
    name: 'per_listener_settings',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: honoured('true: the options of this group count for the listener above them only'),
  },
  {
    name: 'acl_file',
    argument: text,
    scope: 'security',
    since: '2.0',
    verdict: honoured('read as Mosquitto reads it'),
  },
  {
    name: 'allow_anonymous',
    argument: boolean,
    scope: 'security',
    since: '2.0',
    verdict: honoured('without it: false where a listener is given, true where none is'),
  },
  {
    name: 'allow_zero_length_clientid',
    argument: boolean,
    scope: 'security',
    since: '2.0',
    verdict: honoured('false: a client must bring an id of its own'),
  },
  {
    name: 'auto_id_prefix',
    argument: text,
    scope: 'security',
    since: '2.0',
    verdict: honoured('what a client id begins with that we choose; without it auto-'),
  },
  {
    name: 'clientid_prefixes',
    argument: text,
    scope: 'global',
    since: '2.0',
    verdict: honoured('a client id must begin with it'),
  },
  {
    name: 'password_file',
    argument: text,
    scope: 'security',
    since: '2.0',
    verdict: honoured('hashes $6$, $7$ and argon2id'),
  },
  {
    name: 'psk_file',
    argument: text,
    scope: 'security',
    since: '2.0',
    verdict: refused('TLS with shared keys is not offered', 'give the listener certfile and keyfile'),
  },
]
