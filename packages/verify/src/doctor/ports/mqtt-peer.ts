/** A client of npm's `mqtt`: independent of Hawser's own codec, and it never reconnects, so that a loss shows. */
import { HawserError } from '@hawser/std'
import { connect, type MqttClient } from 'mqtt'
import type { MqttPeer } from './ports.ts'

export async function connectMqtt(url: string, clientId: string, signal: AbortSignal): Promise<MqttPeer> {
  const client = connect(url, {
    clientId,
    protocolVersion: 5,
    clean: true,
    reconnectPeriod: 0,
    keepalive: 30,
    queueQoSZero: false,
  })
  try {
    await connected(client, url, signal)
  } catch (error) {
    client.end(true)
    throw error
  }
  return peerOf(client, url)
}

/** Rejects with the signal's reason, so that the caller sees what it waited for in vain. */
function connected(client: MqttClient, url: string, signal: AbortSignal): Promise<void> {
  const { host } = new URL(url)
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    client.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    // Stays for the connection's whole life: an error that nobody listens for would end the process.
    client.on('error', (cause) => reject(notConnected(host, cause)))
    client.once('close', () => reject(notConnected(host)))
  })
}

function notConnected(host: string, cause?: Error): HawserError {
  const { code, message } = (cause ?? { message: 'the connection was closed' }) as NodeJS.ErrnoException
  const why = code === 'ECONNREFUSED' ? 'nothing listens there' : message || code
  return new HawserError('BROKER_UNREACHABLE', `no connection to ${host}: ${why}`, { cause, retryable: true })
}

function peerOf(client: MqttClient, url: string): MqttPeer {
  const lost = new AbortController()
  client.once('close', () =>
    lost.abort(new HawserError('BROKER_UNREACHABLE', `${new URL(url).host} closed the connection`)),
  )
  return {
    lost: lost.signal,
    onMessage(listener) {
      client.on('message', (topic, payload, { qos, retain }) =>
        listener({ topic, payload: payload.toString(), qos, retain }),
      )
    },
    async subscribe(filter, qos) {
      const granted = await client.subscribeAsync(filter, { qos })
      // 0x80 and above are refusals. [MQTT 5.0, 3.9.3]
      if (granted.every((grant) => grant.qos <= 2)) return
      throw new HawserError('BROKER_REFUSED', `the subscription to ${filter} was refused`)
    },
    async unsubscribe(filter) {
      await client.unsubscribeAsync(filter)
    },
    async publish(topic, payload, qos) {
      await client.publishAsync(topic, payload, { qos })
    },
    async [Symbol.asyncDispose]() {
      client.end(true)
    },
  }
}
