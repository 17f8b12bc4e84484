import type { Fault } from './fault.ts'

export const typeOf = (packet: Buffer): number => (packet[0] ?? 0) >> 4

export const connectionFaults: readonly Fault[] = [
  {
    name: 'a second CONNECT is ignored',
    version: 'v5',
    id: 'MQTT-3.1.0-2',
    breaks: () => {
      let connected = false
      return {
        fromClient(packet) {
          if (typeOf(packet) !== 1) return [packet]
          const second = connected
          connected = true
          return second ? [] : [packet]
        },
      }
    },
  },
]
