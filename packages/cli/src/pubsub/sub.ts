/** `hawser sub`: subscribes and prints, with the flags, output and exit codes of mosquitto_sub. */
import type { Command } from '../command.ts'
import { pubSubHelp } from './flags/help.ts'
import { subscribeFlags } from './flags/subscribe-flags.ts'
import { ArgumentRefusal } from './refusal.ts'
import { type PubSubCommand, runPubSub } from './run.ts'
import { type SubscribeSettings, subscribeDefaults } from './settings.ts'

const help = pubSubHelp({
  usage: 'hawser sub -t FILTER [flags]',
  about: 'Subscribes and prints what comes, with the flags of mosquitto_sub 2.0; docs/pub-sub.md has what differs.',
  flags: subscribeFlags,
  examples: [
    { command: "hawser sub -t '#' -v", does: 'print topic and payload of all that comes by' },
    { command: "hawser sub -t 'factory/+/state' -C 1 -W 5", does: 'wait up to 5 s for one message' },
    { command: "hawser sub -t '#' -F %j --pretty", does: 'print messages as JSON' },
    { command: 'hawser sub -t jobs -q 1 -c -i worker -E', does: 'make a session that collects messages' },
  ],
})

const sub: PubSubCommand<SubscribeSettings> = {
  name: 'sub',
  flags: subscribeFlags,
  help,
  defaults: subscribeDefaults,
  check({ topics, hideRetained, retainedOnly }) {
    if (topics.length === 0) throw new ArgumentRefusal('Error: You must specify a topic to subscribe to.')
    if (hideRetained && retainedOnly)
      throw new ArgumentRefusal("Error: Combining '-R' and '--retained-only' makes no sense.")
  },
  execute: async (settings, io) => (await import('./subscribe/subscriber.ts')).subscribe(settings, io),
}

export const subCommand: Command = {
  name: 'sub',
  summary: 'subscribe and print, with the flags of mosquitto_sub',
  help,
  run: (args, io) => runPubSub(sub, args, io),
}
