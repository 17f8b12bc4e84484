/** Every command of `hawser`, in the order of `hawser --help`. A new one is a folder and one entry here. */
import type { LazyCommand } from './command.ts'

export const commands: readonly LazyCommand[] = [
  {
    name: 'up',
    summary: 'run everything on this machine: broker, console, connectors and a scenario',
    load: async () => (await import('./up/command.ts')).upCommand,
  },
  {
    name: 'broker',
    summary: 'run the MQTT broker, in the foreground',
    load: async () => (await import('./broker/command.ts')).brokerCommand,
  },
  {
    name: 'node',
    summary: 'run a broker beside others on one data folder, at its own addresses',
    load: async () => (await import('./node/command.ts')).nodeCommand,
  },
  {
    name: 'simulate',
    summary: 'publish as devices do, or replay a recording',
    load: async () => (await import('./simulate/command.ts')).simulateCommand,
  },
  {
    name: 'pub',
    summary: 'publish messages, with the flags of mosquitto_pub',
    load: async () => (await import('./pubsub/pub.ts')).pubCommand,
  },
  {
    name: 'sub',
    summary: 'subscribe and print, with the flags of mosquitto_sub',
    load: async () => (await import('./pubsub/sub.ts')).subCommand,
  },
  {
    name: 'connect',
    summary: 'run a connector on any MQTT broker',
    load: async () => (await import('./connect/command.ts')).connectCommand,
  },
  {
    name: 'consume',
    summary: 'print a topic of Kafka as it comes, from the latest offset',
    load: async () => (await import('./consume/command.ts')).consumeCommand,
  },
  {
    name: 'bench',
    summary: 'load any MQTT broker with many clients, and check what arrives',
    load: async () => (await import('./bench/command.ts')).benchCommand,
  },
  {
    name: 'chaos',
    summary: 'break a cluster on purpose, and check that nothing acknowledged is lost',
    load: async () => (await import('./chaos/command.ts')).chaosCommand,
  },
  {
    name: 'cluster',
    summary: 'show the nodes that serve clients together, once or as they come and go',
    load: async () => (await import('./cluster/command.ts')).clusterCommand,
  },
  {
    name: 'session',
    summary: 'list, show and disconnect the clients of a running broker, on whichever node they are',
    load: async () => (await import('./session/command.ts')).sessionCommand,
  },
  {
    name: 'ban',
    summary: 'list, add and remove bans of a running broker',
    load: async () => (await import('./ban/command.ts')).banCommand,
  },
  {
    name: 'connector',
    summary:
      'list, show, pause, resume and move the connectors of a running Hawser, replay their dead letters, try their rules',
    load: async () => (await import('./connector/command.ts')).connectorCommand,
  },
  {
    name: 'trace',
    summary: 'show the packets of a client, an address or a topic of a running broker',
    load: async () => (await import('./trace/command.ts')).traceCommand,
  },
  {
    name: 'doctor',
    summary: 'check a running Hawser part by part',
    load: async () => (await import('./doctor/command.ts')).doctorCommand,
  },
  {
    name: 'log',
    summary: 'verify or inspect the files of a data folder',
    load: async () => (await import('./data-folder/log.ts')).logCommand,
  },
  {
    name: 'backup',
    summary: 'copy log and state of a data folder, while Hawser runs',
    load: async () => (await import('./data-folder/backup.ts')).backupCommand,
  },
  {
    name: 'restore',
    summary: 'make a data folder from a backup',
    load: async () => (await import('./data-folder/restore.ts')).restoreCommand,
  },
  {
    name: 'passwd',
    summary: 'make and change password files',
    load: async () => (await import('./passwd/command.ts')).passwdCommand,
  },
  {
    name: 'config',
    summary: 'check a configuration file, or show what is in force',
    load: async () => (await import('./config/command.ts')).configCommand,
  },
  {
    name: 'migrate',
    summary: 'come from another broker: mosquitto',
    load: async () => (await import('./mosquitto/migrate/command.ts')).migrateCommand,
  },
]
