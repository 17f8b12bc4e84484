/** `hawser pub`: publishes, with the flags and exit codes of mosquitto_pub. */
import type { Command } from '../command.ts'
import { pubSubHelp } from './flags/help.ts'
import { publishFlags } from './flags/publish-flags.ts'
import { ArgumentRefusal } from './refusal.ts'
import { type PubSubCommand, runPubSub } from './run.ts'
import { type PublishSettings, publishDefaults } from './settings.ts'

const help = pubSubHelp({
  usage: 'hawser pub -t TOPIC -m TEXT | -f FILE | -l | -s | -n [flags]',
  about: 'Publishes, with the flags of mosquitto_pub 2.0; docs/pub-sub.md has what differs.',
  flags: publishFlags,
  examples: [
    { command: 'hawser pub -t sensors/hall -m 21.5 -q 1', does: 'publish one message' },
    { command: 'hawser pub -t switches/hall -m on -r', does: 'have the broker keep it as the last value' },
    { command: 'read-meter | hawser pub -t meters/1 -l', does: 'publish each line as it comes' },
    { command: 'hawser pub -t a -m x -D publish user-property unit C', does: 'with a property of MQTT 5' },
  ],
})

const pub: PubSubCommand<PublishSettings> = {
  name: 'pub',
  flags: publishFlags,
  help,
  defaults: publishDefaults,
  check({ topic, source }) {
    if (topic === undefined || source === undefined)
      throw new ArgumentRefusal('Error: Both topic and message must be supplied.')
    if (topic === '') throw new ArgumentRefusal("Error: Invalid publish topic '', it is empty.")
  },
  execute: async (settings, io) => (await import('./publish/publisher.ts')).publish(settings, io),
}

export const pubCommand: Command = {
  name: 'pub',
  summary: 'publish messages, with the flags of mosquitto_pub',
  help,
  run: (args, io) => runPubSub(pub, args, io),
}
