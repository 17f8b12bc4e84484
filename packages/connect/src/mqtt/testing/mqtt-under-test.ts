/** A Mosquitto as the contract's sink: a durable session there collects all that arrives, in its order. */
import { createMemoryState } from '@hawser/engine/memory'
import { systemClock as clock } from '@hawser/std'
import { connect, connectAsync, type MqttClient } from 'mqtt'
import { everything, type LastingMosquitto, startLastingMosquitto } from '../../../../../test/servers/mosquitto.ts'
import { startTcpProxy } from '../../../../../test/servers/tcp-proxy.ts'
import { refusedTopic, type SinkRow, type SinkUnderTest } from '../../contract/mod.ts'
import { eventIdProperty } from '../../message/event-id.ts'
import { type MqttConnectorOptions, mqttConnector } from '../mod.ts'

export interface Arrived {
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly eventId: string | undefined
}

export interface Collector extends AsyncDisposable {
  /** All that has been published before the call. */
  arrived(): Promise<readonly Arrived[]>
}

const endTopic = 'collector/end'

export async function collect(url: string, filter = '#'): Promise<Collector> {
  const all: Arrived[] = []
  const ends = new Map<string, () => void>()
  const client: MqttClient = connect(url, {
    ...{ protocolVersion: 5, clientId: 'collector', clean: false, reconnectPeriod: 20, keepalive: 5 },
    properties: { sessionExpiryInterval: 3600 },
  })
  client.on('error', () => undefined)
  client.on('message', (topic, payload, { qos, properties }) => {
    if (topic === endTopic) return ends.get(payload.toString())?.()
    const id = properties?.userProperties?.[eventIdProperty]
    all.push({ topic, payload: payload.toString(), qos, eventId: typeof id === 'string' ? id : undefined })
  })
  await client.subscribeAsync(filter, { qos: 2 })
  let asked = 0
  return {
    async arrived() {
      const { promise, resolve } = Promise.withResolvers<void>()
      const name = `${++asked}`
      ends.set(name, resolve)
      await client.publishAsync(endTopic, name, { qos: 1 })
      await promise
      return [...all]
    },
    [Symbol.asyncDispose]: () => client.endAsync(true),
  }
}

export async function mqttUnderTest(options: Partial<MqttConnectorOptions> = {}): Promise<SinkUnderTest> {
  await using stack = new AsyncDisposableStack()
  const state = stack.use(createMemoryState())
  const server = stack.use(await startLastingMosquitto())
  const collector = stack.use(await collect(server.url))
  const proxy = stack.use(await startTcpProxy(server.port))
  const owned = stack.move()
  return {
    connector: (filters) =>
      mqttConnector({ state, clock, filters, peer: { url: `mqtt://127.0.0.1:${proxy.port}` }, ...options }),
    fail: () => proxy.cut(),
    mend: () => proxy.mend(),
    async refuse() {
      await allow(server, `${everything}topic deny ${refusedTopic}\n`, false)
      return { [Symbol.asyncDispose]: () => allow(server, everything, true) }
    },
    rows: async (logId) => (await collector.arrived()).flatMap((arrived) => rowOf(logId, arrived)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Resolves once the server does as it is told. */
async function allow(server: LastingMosquitto, acl: string, isTaken: boolean): Promise<void> {
  await server.allow(acl)
  const client = await connectAsync(server.url, { protocolVersion: 5 })
  const tried = (): Promise<boolean> =>
    client.publishAsync(refusedTopic, 'probe', { qos: 1 }).then(
      () => true,
      () => false,
    )
  while ((await tried()) !== isTaken);
  await client.endAsync()
}

function rowOf(logId: string, { topic, eventId = '' }: Arrived): SinkRow[] {
  const [log, partition, position] = eventId.split('/')
  return log === logId ? [{ partition: Number(partition), position: Number(position), topic }] : []
}
