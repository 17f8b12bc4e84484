/** Where messages go and which. */
import { boolean, harmless, honoured, integer, type Option, refused, text, word } from './option.ts'

export const logDestinations = ['none', 'stdout', 'stderr', 'syslog', 'topic', 'dlt', 'file'] as const
export const logTypes = [
  'none',
  'error',
  'warning',
  'notice',
  'information',
  'debug',
  'subscribe',
  'unsubscribe',
  'internal',
  'websockets',
  'all',
] as const

export const loggingOptions: readonly Option[] = [
  {
    name: 'log_dest',
    argument: { kind: 'choice', choices: logDestinations, followed: ['file'] },
    scope: 'global',
    since: '2.0',
    again: 'adds',
    verdict: honoured('our log goes there; without one to stderr'),
    except: [
      { values: ['syslog'], verdict: honoured('as stderr: in the foreground systemd carries it to the journal') },
      {
        values: ['topic'],
        verdict: harmless('nothing is published below $SYS/broker/log; the other destinations count'),
      },
      {
        values: ['dlt'],
        verdict: refused('there is no Diagnostic Log and Trace here', 'use log_dest stderr or log_dest file'),
      },
    ],
  },
  {
    name: 'log_type',
    argument: word(...logTypes),
    scope: 'global',
    since: '2.0',
    again: 'adds',
    verdict: honoured(
      'the least severe of those given is our log level; subscribe, unsubscribe, internal and websockets mean debug',
    ),
  },
  {
    name: 'log_facility',
    argument: integer(0, 7),
    scope: 'global',
    since: '2.0',
    verdict: harmless('we do not speak to syslog ourselves: set SyslogFacility= in the systemd unit'),
  },
  {
    name: 'log_timestamp',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: harmless('each of our lines has its time'),
  },
  {
    name: 'log_timestamp_format',
    argument: text,
    scope: 'global',
    since: '2.0',
    again: 'refused',
    verdict: harmless('our lines write the time as ISO 8601'),
  },
  {
    name: 'connection_messages',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: harmless('who comes and goes is told below $SYS and in metrics, not by a line of the log'),
  },
  {
    name: 'websockets_log_level',
    argument: integer(0, 2_147_483_647),
    scope: 'global',
    since: '2.0',
    verdict: harmless('it is for the library that Mosquitto uses'),
  },
]
