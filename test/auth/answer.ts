/** What a client hears on CONNECT, from an independent client. */
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'

export interface Answer {
  /** 0: let in. */
  readonly code: number
  readonly client: MqttClient | undefined
}

export async function answerTo(url: string, options: IClientOptions = {}): Promise<Answer> {
  try {
    const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, ...options }, false)
    return { code: 0, client }
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    if (typeof code !== 'number') throw error
    return { code, client: undefined }
  }
}

/** The code alone: who was let in leaves again. */
export async function codeOf(url: string, options: IClientOptions = {}): Promise<number> {
  const { code, client } = await answerTo(url, options)
  await client?.endAsync()
  return code
}

interface Refused {
  readonly code?: number
  readonly packet?: { readonly granted?: readonly number[]; readonly reasonCode?: number }
}

/** The code of one subscription. */
export async function suback(client: MqttClient, filter: string): Promise<number | undefined> {
  try {
    return (await client.subscribeAsync(filter))[0]?.qos
  } catch (error) {
    return (error as Refused).packet?.granted?.[0]
  }
}

/** The code of one publish at QoS 1. */
export async function puback(client: MqttClient, topic: string): Promise<number | undefined> {
  try {
    await client.publishAsync(topic, 'x', { qos: 1 })
    return 0
  } catch (error) {
    return (error as Refused).code
  }
}
