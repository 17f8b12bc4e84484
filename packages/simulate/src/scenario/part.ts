/** A scenario's parts as data: plain JSON, so that a supervisor can hand each to a process of its own. */
import type { MachineOptions } from '../model/machine.ts'
import type { Qos } from '../runtime/broker-connection.ts'
import { type DeviceKind, deviceKindDefaults } from './device-kinds.ts'

interface ClientOptions {
  readonly qos: Qos
  readonly retain: boolean
  /** `{id}` stands for the component's id, here and in the topics. */
  readonly clientId?: string
  readonly feedbackTopic?: string
}

/** Several devices of a kind, each with a connection of its own, in one process. */
export interface DeviceOptions extends ClientOptions {
  readonly ids: readonly string[]
  readonly topic: string
  readonly intervalSeconds: number
  readonly count?: number
  readonly machine?: MachineOptions
}

export interface ProcessorPartOptions extends ClientOptions {
  readonly id: string
  readonly subscribe: readonly string[]
  readonly topic: string
}

export interface SubscriberPartOptions extends ClientOptions {
  readonly id: string
  readonly subscribe: readonly string[]
}

interface Part<Kind extends string, Options> {
  readonly name: string
  readonly kind: Kind
  readonly options: Options
}

export type DevicePart = Part<DeviceKind, DeviceOptions>
export type ProcessorPart = Part<'processor', ProcessorPartOptions>
export type SubscriberPart = Part<'subscriber', SubscriberPartOptions>
export type ScenarioPart = DevicePart | ProcessorPart | SubscriberPart

export function deviceIds(kind: DeviceKind, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => deviceKindDefaults[kind].id(index + 1))
}

/** Devices with their kind's contracts, except for what is given. */
export function devicePart(kind: DeviceKind, options: Partial<DeviceOptions> = {}): DevicePart {
  const { topic, intervalSeconds, qos, retain, count } = deviceKindDefaults[kind]
  return {
    name: kind,
    kind,
    options: { ids: deviceIds(kind, count), topic, intervalSeconds, qos, retain, ...options },
  }
}

export function processorPart(options: Partial<ProcessorPartOptions> = {}): ProcessorPart {
  return {
    name: 'processor',
    kind: 'processor',
    options: {
      id: 'processor',
      subscribe: ['sensoren/temperature', 'sensoren/humidity'],
      topic: 'sensoren/{id}',
      qos: 1,
      retain: true,
      ...options,
    },
  }
}

export function subscriberPart(options: Partial<SubscriberPartOptions> = {}): SubscriberPart {
  return {
    name: 'subscriber',
    kind: 'subscriber',
    options: { id: 'subscriber', subscribe: ['sensoren/#'], qos: 1, retain: false, ...options },
  }
}
