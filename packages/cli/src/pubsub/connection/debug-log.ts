/** What -d prints: a line for each packet. */
import type { Packet } from 'mqtt'
import type { PacketIds } from './packet-ids.ts'

export class DebugLog {
  readonly #write: (line: string) => void
  readonly #ids: PacketIds
  #clientId: string

  constructor(clientId: string, ids: PacketIds, write: (line: string) => void) {
    this.#clientId = clientId === '' ? '(null)' : clientId
    this.#ids = ids
    this.#write = write
  }

  sent(packet: Packet): void {
    for (const text of this.#sentLines(packet)) this.#write(`Client ${this.#clientId} sending ${text}\n`)
  }

  received(packet: Packet): void {
    if (packet.cmd === 'connack') this.#clientId = packet.properties?.assignedClientIdentifier ?? this.#clientId
    if (packet.cmd === 'disconnect') this.#write(`Received DISCONNECT (${packet.reasonCode ?? 0})\n`)
    else this.#write(`Client ${this.#clientId} received ${receivedLine(packet)}\n`)
  }

  #sentLines(packet: Packet): readonly string[] {
    switch (packet.cmd) {
      case 'publish': {
        const id = packet.qos === 0 ? this.#ids.count() : packet.messageId
        const flags = `d${bit(packet.dup)}, q${packet.qos}, r${bit(packet.retain)}, m${id}`
        const topic = packet.topic === '' ? '(null)' : packet.topic
        return [`PUBLISH (${flags}, '${topic}', ... (${Buffer.byteLength(packet.payload)} bytes))`]
      }
      case 'subscribe':
        return packet.subscriptions.map(({ topic, qos, nl, rap, rh }) => {
          const options = (bit(nl) << 2) | (bit(rap) << 3) | (Number(rh ?? 0) << 4)
          const optionsText = `0x${options.toString(16).padStart(2, '0')}`
          return `SUBSCRIBE (Mid: ${packet.messageId}, Topic: ${topic}, QoS: ${qos}, Options: ${optionsText})`
        })
      case 'unsubscribe':
        return packet.unsubscriptions.map((topic) => `UNSUBSCRIBE (Mid: ${packet.messageId}, Topic: ${topic})`)
      case 'puback':
      case 'pubrec':
        return [`${packet.cmd.toUpperCase()} (m${packet.messageId}, rc${packet.reasonCode ?? 0})`]
      case 'pubrel':
      case 'pubcomp':
        return [`${packet.cmd.toUpperCase()} (m${packet.messageId})`]
      default:
        return [packet.cmd.toUpperCase()]
    }
  }
}

const bit = (flag: boolean | undefined): number => (flag === true ? 1 : 0)

function receivedLine(packet: Packet): string {
  switch (packet.cmd) {
    case 'connack':
      return `CONNACK (${packet.reasonCode ?? packet.returnCode ?? 0})`
    case 'publish': {
      const flags = `d${bit(packet.dup)}, q${packet.qos}, r${bit(packet.retain)}, m${packet.messageId ?? 0}`
      return `PUBLISH (${flags}, '${packet.topic}', ... (${Buffer.byteLength(packet.payload)} bytes))`
    }
    case 'puback':
    case 'pubcomp':
      return `${packet.cmd.toUpperCase()} (Mid: ${packet.messageId}, RC:${packet.reasonCode ?? 0})`
    case 'pubrec':
    case 'pubrel':
      return `${packet.cmd.toUpperCase()} (Mid: ${packet.messageId})`
    default:
      return packet.cmd.toUpperCase()
  }
}
