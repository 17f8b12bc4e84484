/** `hawser simulate processor` and `hawser simulate subscriber` */
import { processorPart, subscriberPart } from '@hawser/simulate'
import type { CommandIo } from '../command.ts'
import { parseFlags, refusePositionals } from '../flags.ts'
import { clientFlags, clientIdPattern, connectionOf, deviceFlags, given, qosOf } from './device-flags.ts'
import { runParts } from './run-parts.ts'

const { 'feedback-topic': feedbackTopic, 'sub-topic': subTopic, 'dry-run': dryRun } = deviceFlags
const flags = { ...clientFlags, 'feedback-topic': feedbackTopic, 'sub-topic': subTopic, 'dry-run': dryRun } as const

function componentOptions(args: readonly string[], io: CommandIo) {
  const { flags: values, positionals } = parseFlags(flags, args)
  refusePositionals(positionals)
  const subscribe = values['sub-topic'] ?? io.env['MQTT_SUB_TOPIC']?.split(',')
  return {
    connection: { ...connectionOf(values, io.env), dryRun: values['dry-run'] },
    topic: values.topic ?? io.env['MQTT_PUB_TOPIC'],
    options: given({
      subscribe,
      qos: qosOf(values.qos),
      retain: values.retain,
      clientId: clientIdPattern(values, io.env, 1),
      feedbackTopic: values['feedback-topic'] ?? io.env['MQTT_FEEDBACK_TOPIC'],
    }),
  }
}

export function processorCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { connection, topic, options } = componentOptions(args, io)
  // The two derived values need topics of their own.
  const pattern = topic === undefined || topic.includes('{id}') ? topic : `${topic}/{id}`
  return runParts([processorPart({ ...options, ...given({ topic: pattern }) })], connection, io)
}

export function subscriberCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { connection, options } = componentOptions(args, io)
  return runParts([subscriberPart(options)], connection, io)
}
