/** An independent client (npm's `mqtt`) that goes on to the next address when it loses its own. */
import { connect as tcpConnect } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as tlsConnect } from 'node:tls'
import { type IClientOptions, MqttClient } from 'mqtt'

/** `mqtt://host:port` or `mqtts://host:port`. */
export interface Reach {
  readonly addresses: readonly URL[]
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** How soon a node that says nothing is given up. */
  readonly patienceSeconds: number
}

const retryEveryMs = 20
const forgetMsMax = 1_000

export interface RoamingClient extends AsyncDisposable {
  readonly mqtt: MqttClient
  /** How often it was without a connection. */
  readonly losses: number
  /** Closes the connection without a word; it comes back at once. */
  cut(): void
  /** Stays away from now on, without a word to the broker. */
  leave(): void
  comeBack(): void
  /** Resolves when it is connected. */
  connected(): Promise<void>
}

export interface RoamingOptions {
  readonly clientId: string
  /** Which address it tries first. */
  readonly first: number
  readonly version: 4 | 5
  readonly clean?: boolean
}

export function roam(reach: Reach, { clientId, first, version, clean = false }: RoamingOptions): RoamingClient {
  let attempt = first
  let isAway = false
  const open = () => {
    const address = reach.addresses[attempt++ % reach.addresses.length]
    const socket = dial(address)
    // Each attempt of one that stays away fails at once.
    if (isAway) socket.destroy()
    return socket
  }
  const client = new MqttClient(open, {
    clientId,
    clean,
    ...login(reach),
    reconnectPeriod: retryEveryMs,
    // A session that a frozen node has is refused until that one is dead.
    reconnectOnConnackError: true,
    resubscribe: clean,
    protocolVersion: version,
    protocolId: 'MQTT',
    ...(version === 5 && !clean && { properties: { sessionExpiryInterval: sessionSeconds } }),
    keepalive: reach.patienceSeconds,
    connectTimeout: reach.patienceSeconds * 1000,
  })
  let losses = 0
  client.on('close', () => {
    losses++
  })
  // A node that has just died refuses: the next one is tried.
  client.on('error', () => undefined)
  return {
    mqtt: client,
    get losses() {
      return losses
    },
    cut: () => client.stream.destroy(),
    leave() {
      isAway = true
      client.stream.destroy()
    },
    comeBack() {
      isAway = false
    },
    connected: () =>
      client.connected ? Promise.resolve() : new Promise((resolve) => client.once('connect', () => resolve())),
    async [Symbol.asyncDispose]() {
      const wasConnected = client.connected
      await client.endAsync(true)
      if (!clean && wasConnected)
        await forget(client.options, dial(reach.addresses[(attempt - 1) % reach.addresses.length]))
    },
  }
}

/** A session that is asked for anew is gone with its connection; one whose broker is not there expires, or stays. */
function forget({ clientId, username, password }: IClientOptions, socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const options = { clientId, username, password, clean: true, reconnectPeriod: 0, connectTimeout: forgetMsMax }
    const client = new MqttClient(() => socket, options as IClientOptions)
    client.on('error', () => undefined)
    client.once('connect', () => client.end())
    client.once('close', () => client.end(true, () => resolve()))
  })
}

/** Sessions of a run that was killed go by themselves. */
export const sessionSeconds = 900

export function dial(address: URL | undefined) {
  const { protocol = 'mqtt:', hostname = 'localhost', port = '' } = address ?? {}
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket =
    protocol === 'mqtts:'
      ? tlsConnect({ host, port: Number(port || 8883), servername: host })
      : tcpConnect({ host, port: Number(port || 1883), noDelay: true })
  // The client listens later than the first error may come.
  return socket.on('error', () => undefined)
}

export const login = ({ username, password }: Reach): Pick<IClientOptions, 'username' | 'password'> => ({
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
})
