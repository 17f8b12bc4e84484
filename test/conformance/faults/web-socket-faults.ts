/** Faults in section 6: MQTT over WebSocket. */
import type { Fault } from './fault.ts'
import { faultIn } from './shape.ts'

const textFrame = 0x81
const binaryFrame = 0x82

const opening = (from: number, to: number) => (chunk: Buffer) => {
  if (chunk[0] !== from) return chunk
  const copy = Buffer.from(chunk)
  copy[0] = to
  return copy
}

export const webSocketFaults: readonly Fault[] = [
  ...faultIn('packets come in text frames', { v5: '6.0.0-1', 'v3.1.1': '6.0.0-1' }, () => ({
    webSocket: { fromServer: opening(binaryFrame, textFrame) },
  })),
  ...faultIn('text frames are taken', { v5: '6.0.0-1', 'v3.1.1': '6.0.0-1' }, () => ({
    webSocket: { fromClient: opening(textFrame, binaryFrame) },
  })),
  ...faultIn('another subprotocol is selected', { v5: '6.0.0-4', 'v3.1.1': '6.0.0-4' }, () => ({
    webSocket: {
      fromServer: (chunk) =>
        Buffer.from(chunk.toString('latin1').replace(/(Sec-WebSocket-Protocol: )mqtt/i, '$1tqtm'), 'latin1'),
    },
  })),
]
