/** Which answers of a broker another attempt may change, and what to tell the user of the others. */
import { HawserError } from '@hawser/std'

/** CONNACK codes of 3.1.1 (3) and 5.0 that mean "not now". */
const retryableConnectCodes: ReadonlySet<number> = new Set([3, 0x88, 0x89, 0x97, 0x9f])

const sessionTakenOver = 0x8e

/** The failure that ends a client after a refused CONNECT, or undefined where trying again is right. */
export function connectRefusal(error: Error, clientId: string, url: string): HawserError | undefined {
  const code = 'code' in error && typeof error.code === 'number' ? error.code : undefined
  if (code === undefined || retryableConnectCodes.has(code)) return undefined
  return new HawserError('BROKER_REFUSED', `${url} refuses client "${clientId}": ${error.message}`, {
    mend: 'check user name, password and client id',
    cause: error,
  })
}

/** The failure that ends a client after the broker's DISCONNECT: fighting for a client id would never end. */
export function disconnectRefusal(code: number | undefined, clientId: string, url: string): HawserError | undefined {
  if (code !== sessionTakenOver) return undefined
  return new HawserError('BROKER_REFUSED', `another client took over the client id "${clientId}" on ${url}`, {
    mend: 'give each client an id of its own with --client-id',
  })
}
