/** What only `hawser pub` knows. */
import { ArgumentRefusal } from '../refusal.ts'
import type { PayloadSource, PublishSettings } from '../settings.ts'
import { isTopicName } from '../topics.ts'
import { connectionFlags } from './connection-flags.ts'
import { type Flag, integerWithin } from './flag.ts'
import { tlsFlags } from './tls-flags.ts'
import { urlFlag } from './url.ts'

const ownFlags: readonly Flag<PublishSettings>[] = [
  {
    short: '-t',
    long: '--topic',
    value: 'TOPIC',
    missing: 'no topic specified',
    help: 'where to publish',
    set: setTopic,
  },
  urlFlag(setTopic),
  {
    short: '-m',
    long: '--message',
    value: 'TEXT',
    missing: 'no message specified',
    help: 'publish this',
    set: (settings, text = '') => setSource(settings, { kind: 'text', text }),
  },
  {
    short: '-f',
    long: '--file',
    value: 'FILE',
    missing: 'no file specified',
    help: 'publish what the file holds',
    set: (settings, path = '') => setSource(settings, { kind: 'file', path }),
  },
  {
    short: '-l',
    long: '--stdin-line',
    help: 'publish each line of standard input',
    set: (settings) => setSource(settings, { kind: 'stdin-lines' }),
  },
  {
    short: '-s',
    long: '--stdin-file',
    help: 'publish the whole standard input as one message',
    set: (settings) => setSource(settings, { kind: 'stdin-whole' }),
  },
  {
    short: '-n',
    long: '--null-message',
    help: 'publish an empty message',
    set: (settings) => setSource(settings, { kind: 'empty' }),
  },
  {
    short: '-r',
    long: '--retain',
    help: 'have the broker retain it',
    set: (settings) => {
      settings.retain = true
    },
  },
  {
    long: '--repeat',
    value: 'N',
    missing: 'no count specified',
    help: 'publish it N times',
    set: (settings, text = '') => {
      const complaint = 'Error: --repeat argument must be >0.'
      settings.repeatCount = integerWithin(text, 1, Number.MAX_SAFE_INTEGER, () => complaint)
    },
  },
  {
    long: '--repeat-delay',
    value: 'SECONDS',
    missing: 'no time specified',
    help: 'wait that long between two of --repeat; may have decimals (0)',
    set: (settings, text = '') => {
      const seconds = Number.parseFloat(text)
      if (seconds < 0) throw new ArgumentRefusal('Error: --repeat-delay argument must be >=0.0.')
      settings.repeatDelaySeconds = Number.isNaN(seconds) ? 0 : seconds
    },
  },
]

export const publishFlags: readonly Flag<PublishSettings>[] = [...ownFlags, ...connectionFlags, ...tlsFlags]

function setTopic(settings: PublishSettings, topic = ''): void {
  if (!isTopicName(topic))
    throw new ArgumentRefusal(`Error: Invalid publish topic '${topic}', does it contain '+' or '#'?`)
  settings.topic = topic
}

function setSource(settings: PublishSettings, source: PayloadSource): void {
  if (settings.source !== undefined) throw new ArgumentRefusal('Error: Only one type of message can be sent at once.')
  settings.source = source
}
