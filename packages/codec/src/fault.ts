import { reasonCode } from './reason-codes.ts'
import type { DecodeFault } from './sink.ts'

export const malformed = (message: string): DecodeFault => ({ reasonCode: reasonCode.malformedPacket, message })
export const protocolError = (message: string): DecodeFault => ({ reasonCode: reasonCode.protocolError, message })
