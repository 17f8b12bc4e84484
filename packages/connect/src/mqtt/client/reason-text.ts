import { connectReturnCode, reasonCodeName } from '@hawser/codec'

const returnCodes = new Map<number, string>(Object.entries(connectReturnCode).map(([name, code]) => [code, name]))

const words = (name: string): string => name.replace(/[A-Z]+/g, (upper) => ` ${upper.toLowerCase()}`)

/** `not authorized (0x87)`. */
export const reasonText = (code: number): string => `${words(reasonCodeName(code))} (0x${code.toString(16)})`

/** Of CONNACK: a reason code of 5.0, or a return code of 3.1.1. */
export const connackText = (code: number): string =>
  code < 0x80 ? `${words(returnCodes.get(code) ?? 'refused')} (${code})` : reasonText(code)
