/**
 * What the suite speaks to: a Hawser of its own in this process, or with `HAWSER_CONFORMANCE_TARGET=host:port` any
 * broker. With `HAWSER_CONFORMANCE_FAULT=name` a fault is planted between the two.
 */
import {
  type BrokerUnderTest,
  brokerUnderTest,
  type UnderTestOptions,
} from '../../../packages/broker/src/testing/broker-under-test.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Undefined: our own. */
export function foreignTarget(): Address | undefined {
  const value = process.env['HAWSER_CONFORMANCE_TARGET']
  return value === undefined || value === '' ? undefined : addressOf(value)
}

/** Whether the target has a WebSocket listener that is known. */
export function hasWebSocket(): boolean {
  return foreignTarget() === undefined || process.env['HAWSER_CONFORMANCE_WS_TARGET'] !== undefined
}

export function addressOf(value: string): Address {
  const match = /^(.+):(\d+)$/.exec(value)
  if (match === null) throw new Error(`${value} is not host:port`)
  return { host: match[1]?.replace(/^\[(.*)\]$/, '$1') ?? '', port: Number(match[2]) }
}

/** Where failing is nothing unusual, a case is quick to tell: on a foreign target, or with a fault planted. */
export const expectsFailures = foreignTarget() !== undefined || process.env['HAWSER_CONFORMANCE_FAULT'] !== undefined

/** How long a test waits for what must come. Only a failing test takes so long. */
export const patienceMs = Number(process.env['HAWSER_CONFORMANCE_PATIENCE_MS'] ?? 30_000)

export interface Target extends AsyncDisposable {
  readonly address: Address
  readonly webSocketAddress: Address | undefined
  /** Undefined on a foreign target. */
  readonly own: BrokerUnderTest | undefined
}

export async function openTarget(): Promise<Target> {
  const address = foreignTarget()
  if (address === undefined) return ownTarget({})
  const ws = process.env['HAWSER_CONFORMANCE_WS_TARGET']
  const webSocketAddress = ws === undefined ? undefined : addressOf(ws)
  return { address, webSocketAddress, own: undefined, [Symbol.asyncDispose]: async () => undefined }
}

export async function ownTarget(options: UnderTestOptions): Promise<Target> {
  const resources = new AsyncDisposableStack()
  const own = resources.use(await brokerUnderTest(options))
  const address = { host: '127.0.0.1', port: own.port }
  const webSocketAddress = { host: '127.0.0.1', port: own.webSocketPort }
  const fault = process.env['HAWSER_CONFORMANCE_FAULT']
  if (fault === undefined)
    return { address, webSocketAddress, own, [Symbol.asyncDispose]: () => resources.disposeAsync() }
  const { plant } = await import('../faults/proxy.ts')
  const proxy = resources.use(await plant(fault, address))
  return { address: proxy.address, webSocketAddress, own, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
