/** What the checks need of the world, as narrow as they use it. */
import type { Health, MachineHistory, Snapshot, Topic } from '@hawser/admin'

export interface ConsolePort {
  /** As `http://127.0.0.1:8080`. */
  readonly url: string
  health(): Promise<Health>
  snapshot(): Promise<Snapshot>
  /** All topics seen whose names contain `search`. */
  topics(search: string): Promise<readonly Topic[]>
  /** Ids of connected clients that contain `search`; of very many not all. */
  connectedClients(search: string): Promise<readonly string[]>
  machineHistory(machine: string): Promise<MachineHistory>
  /** What Prometheus would scrape. */
  metrics(): Promise<string>
}

export type Qos = 0 | 1 | 2

export interface Received {
  readonly topic: string
  readonly payload: string
  readonly qos: Qos
  readonly retain: boolean
}

/** One connection of an MQTT client. */
export interface MqttPeer extends AsyncDisposable {
  /** Aborts when the connection is lost. */
  readonly lost: AbortSignal
  onMessage(listener: (message: Received) => void): void
  subscribe(filter: string, qos: Qos): Promise<void>
  unsubscribe(filter: string): Promise<void>
  /** Resolves when the broker has acknowledged it; at QoS 0 when it is sent. */
  publish(topic: string, payload: string, qos: Qos): Promise<void>
}

export type ConnectMqtt = (url: string, clientId: string, signal: AbortSignal) => Promise<MqttPeer>

/** A simulated component in a process of its own. */
export interface Component extends AsyncDisposable {
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/** Starts a sine sensor of this id, which obeys `stop` on `feedback/<id>`. */
export type StartComponent = (id: string, brokerUrl: string) => Component
