/** What only `hawser sub` knows. */
import { checkTemplate } from '../format/template.ts'
import { ArgumentRefusal } from '../refusal.ts'
import type { SubscribeSettings } from '../settings.ts'
import { isTopicFilter } from '../topics.ts'
import { connectionFlags } from './connection-flags.ts'
import { type Flag, integerWithin } from './flag.ts'
import { tlsFlags } from './tls-flags.ts'
import { urlFlag } from './url.ts'

const ownFlags: readonly Flag<SubscribeSettings>[] = [
  {
    short: '-t',
    long: '--topic',
    value: 'FILTER',
    missing: 'no topic specified',
    help: 'subscribe to it; several times for several',
    set: addTopic,
  },
  urlFlag(addTopic),
  {
    short: '-T',
    long: '--filter-out',
    value: 'FILTER',
    missing: 'no topic filter specified',
    help: 'print nothing of these topics; may be repeated',
    set: (settings, filter = '') => settings.filterOut.push(checked(filter, 'filter')),
  },
  {
    short: '-U',
    long: '--unsubscribe',
    value: 'FILTER',
    missing: 'no unsubscribe topic specified',
    help: 'unsubscribe from it; may be repeated',
    set: (settings, filter = '') => settings.unsubscribeTopics.push(checked(filter, 'unsubscribe')),
  },
  {
    short: '-v',
    long: '--verbose',
    help: 'print topic and payload',
    set: (settings) => {
      settings.verbose = true
    },
  },
  {
    short: '-F',
    value: 'FORMAT',
    missing: 'no format specified',
    help: 'print by this format: %t topic, %p payload, %j JSON … (docs/pub-sub.md)',
    set: (settings, format = '') => {
      checkTemplate(format)
      settings.format = format
    },
  },
  {
    long: '--pretty',
    help: 'print the JSON of %j and %J over several lines',
    set: (settings) => {
      settings.pretty = true
    },
  },
  {
    short: '-N',
    help: 'end no line after a message',
    set: (settings) => {
      settings.endOfLine = false
    },
  },
  {
    short: '-C',
    value: 'N',
    missing: 'no count specified',
    help: 'end after N messages',
    set: (settings, text = '') => {
      const complaint = (value: number): string => `Error: Invalid message count "${value}".`
      settings.messageCount = integerWithin(text, 1, Number.MAX_SAFE_INTEGER, complaint)
    },
  },
  {
    short: '-W',
    value: 'SECONDS',
    missing: 'no timeout specified',
    help: 'end after that time, with exit code 27',
    set: (settings, text = '') => {
      const complaint = (value: number): string => `Error: Invalid timeout "${value}".`
      settings.timeoutSeconds = integerWithin(text, 1, Number.MAX_SAFE_INTEGER, complaint)
    },
  },
  {
    short: '-E',
    help: 'end as soon as the broker has acknowledged the subscriptions',
    set: (settings) => {
      settings.exitAfterSubscribe = true
    },
  },
  {
    short: '-R',
    help: 'print no retained messages',
    set: (settings) => {
      settings.hideRetained = true
    },
  },
  {
    long: '--retained-only',
    help: 'print retained messages only, and end at the first other one',
    set: (settings) => {
      settings.retainedOnly = true
    },
  },
  {
    long: '--remove-retained',
    help: 'have the broker forget each retained message that comes; -T spares topics',
    set: (settings) => {
      settings.removeRetained = true
    },
  },
  {
    long: '--retain-as-published',
    help: 'ask for the retain flag as the publisher set it, MQTT 5',
    set: (settings) => {
      settings.retainAsPublished = true
    },
  },
  {
    long: '--random-filter',
    value: 'PERCENT',
    missing: 'no chance specified',
    help: 'print only that part of the messages, by chance: 0.1 to 100',
    set: (settings, text = '') => {
      const percent = Number.parseFloat(text)
      if (!(percent >= 0.1 && percent <= 100))
        throw new ArgumentRefusal('Error: --random-filter chance must be between 0.1-100.0')
      settings.randomPercent = percent
    },
  },
]

export const subscribeFlags: readonly Flag<SubscribeSettings>[] = [...ownFlags, ...connectionFlags, ...tlsFlags]

function addTopic(settings: SubscribeSettings, topic = ''): void {
  settings.topics.push(checked(topic, 'subscription'))
}

function checked(filter: string, kind: 'subscription' | 'filter' | 'unsubscribe'): string {
  if (isTopicFilter(filter)) return filter
  throw new ArgumentRefusal(`Error: Invalid ${kind} topic '${filter}', are all '+' and '#' wildcards correct?`)
}
