/** Independent clients that go from process to process, and what they were told of what they published. */
import { systemClock } from '@hawser/std'
import mqtt, { type MqttClient } from 'mqtt'

const window = 20
export type Quality = 1 | 2

export interface Book {
  /** Told to be safe, in the order in which they were handed over. */
  readonly acknowledged: number[]
  /** Handed over, and never heard of: may have come, or not. */
  readonly unknown: Set<number>
  /** Between two that were told to be safe. */
  readonly longestSilenceMs: number
}

export interface MovingOptions {
  /** Which process it tries first. */
  readonly first?: number
  readonly version?: 4 | 5
  /** How soon it gives up a node that says nothing. */
  readonly patienceSeconds?: number
}

/** A durable client that goes on to the next process when it loses its own. */
export function connectMoving(
  ports: readonly number[],
  clientId: string,
  { first = 0, version = 4, patienceSeconds }: MovingOptions = {},
): MqttClient {
  const servers = ports.map((_, index) => ({ host: '127.0.0.1', port: ports[(index + first) % ports.length] ?? 0 }))
  const client = mqtt.connect({
    servers,
    clientId,
    clean: false,
    reconnectPeriod: 20,
    // A session that a frozen process has is refused until that one is dead.
    reconnectOnConnackError: true,
    protocolVersion: version,
    ...(version === 5 && { properties: { sessionExpiryInterval: 3_600 } }),
    resubscribe: false,
    ...(patienceSeconds !== undefined && { keepalive: patienceSeconds, connectTimeout: patienceSeconds * 1000 }),
  })
  // A process that has just died refuses: it tries the next one.
  client.on('error', () => undefined)
  return client
}

/** Numbers, a window of them at a time, while `more` holds. */
export async function publish(client: MqttClient, topic: string, qos: Quality, more: () => boolean): Promise<Book> {
  const acknowledged = new Set<number>()
  const unknown = new Set<number>()
  let next = 0
  let heardMs = systemClock.monotonicMs()
  let longestSilenceMs = 0
  const worker = async (): Promise<void> => {
    while (more()) {
      const number = next++
      if (!(await isTaken(client, topic, `${number}`, qos))) {
        unknown.add(number)
        continue
      }
      acknowledged.add(number)
      longestSilenceMs = Math.max(longestSilenceMs, systemClock.monotonicMs() - heardMs)
      heardMs = systemClock.monotonicMs()
    }
  }
  await Promise.all(Array.from({ length: window }, worker))
  return { acknowledged: [...acknowledged].sort((a, b) => a - b), unknown, longestSilenceMs }
}

/** False where the client has given it up: it takes nothing while it replays its store and loses the connection. */
async function isTaken(client: MqttClient, topic: string, payload: string, qos: Quality): Promise<boolean> {
  try {
    await client.publishAsync(topic, payload, { qos })
    return true
  } catch (error) {
    if (error instanceof Error && error.message === 'Connection closed') return false
    throw error
  }
}

export async function publishUntilTaken(
  client: MqttClient,
  topic: string,
  payload: string,
  qos: Quality,
): Promise<void> {
  while (!(await isTaken(client, topic, payload, qos)));
}
