/** A publisher whose messages are numbered, through deaths of its broker. */
import type { MqttClient } from 'mqtt'

const window = 50

/** Publishes numbers while `more` holds, each until it is acknowledged, a window of them at a time. */
export async function publishNumbers(
  client: MqttClient,
  topic: string,
  qos: 1 | 2,
  more: () => boolean,
): Promise<number> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (more()) await publishOnce(client, topic, `${next++}`, qos)
  }
  await Promise.all(Array.from({ length: window }, worker))
  return next
}

/** The client refuses what it is given while it replays its store and loses the connection: that was never sent. */
export async function publishOnce(client: MqttClient, topic: string, payload: string, qos: 1 | 2): Promise<void> {
  for (;;) {
    try {
      await client.publishAsync(topic, payload, { qos })
      return
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'Connection closed') throw error
    }
  }
}
