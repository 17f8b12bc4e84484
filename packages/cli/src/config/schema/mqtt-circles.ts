/**
 * Bridges by which a message would run in circles: what one takes out another brings in again. Origins break a circle
 * in MQTT 5.0; 3.1.1 carries none, so there the topics must differ.
 */
import { filtersMeet } from '@hawser/codec'
import type { MqttConnectorDocument } from './mqtt-connector.ts'

interface Kind {
  readonly kind: string
}

export interface Circle {
  /** Of the one that brings in. */
  readonly index: number
  readonly message: string
}

export function circlesOf(connectors: readonly Kind[]): readonly Circle[] {
  const bridges = connectors.flatMap((one, index) => (isBridge(one) ? [{ one, index }] : []))
  return bridges.flatMap(({ one: back, index }) =>
    bridges.flatMap(({ one: out }) =>
      goesIn(back) && goesOut(out) && back !== out && meet(out, back)
        ? [
            {
              index,
              message: `it brings in again what ${out.name} takes out: give each topics of its own, or take 5.0`,
            },
          ]
        : [],
    ),
  )
}

const isBridge = (connector: Kind): connector is MqttConnectorDocument => connector.kind === 'mqtt'
const goesIn = ({ direction = 'out' }: MqttConnectorDocument): boolean => direction !== 'out'
const goesOut = ({ direction = 'out' }: MqttConnectorDocument): boolean => direction !== 'in'

function meet(out: MqttConnectorDocument, back: MqttConnectorDocument): boolean {
  const isOld = out.version === '3.1.1' || back.version === '3.1.1'
  if (!isOld || new URL(out.url).host !== new URL(back.url).host) return false
  const there = [remoteFilters(out), remoteFilters(back)] as const
  const here = [back.filters ?? ['#'], out.filters ?? ['#']] as const
  return anyMeet(...there) && anyMeet(...here)
}

const remoteFilters = ({ filters = ['#'], local_prefix = '', remote_prefix = '' }: MqttConnectorDocument): string[] =>
  filters.map((filter) =>
    filter.startsWith(local_prefix) ? `${remote_prefix}${filter.slice(local_prefix.length)}` : `${remote_prefix}#`,
  )

const anyMeet = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((one) => others.some((other) => filtersMeet(one, other)))
