/**
 * What the suite speaks to: a Hawser of its own in this process, or with `HAWSER_CONFORMANCE_TARGET=host:port` any
 * broker. With `HAWSER_CONFORMANCE_FAULT=name` a fault is planted between the two.
 */
import { brokerUnderTest, type UnderTestOptions } from '../../../packages/broker/src/testing/broker-under-test.ts'
import type { Breaks } from '../faults/fault.ts'
import { plant } from '../faults/proxy.ts'
import { plantWebSocket } from '../faults/web-socket-proxy.ts'
import { type Address, addressOf } from './address.ts'

/** Undefined: our own. */
export function foreignTarget(): Address | undefined {
  const value = process.env['HAWSER_CONFORMANCE_TARGET']
  return value === undefined || value === '' ? undefined : addressOf(value)
}

/** Whether the target has a WebSocket listener that is known. */
export function hasWebSocket(): boolean {
  return foreignTarget() === undefined || process.env['HAWSER_CONFORMANCE_WS_TARGET'] !== undefined
}

/** How long a test waits for what must come. Only a failing test takes so long. */
export const patienceMs = Number(process.env['HAWSER_CONFORMANCE_PATIENCE_MS'] ?? 30_000)

export interface Target extends AsyncDisposable {
  readonly address: Address
  readonly webSocketAddress: Address | undefined
  /** Failing is nothing unusual here, on a foreign target or with a fault planted: a case is quick to tell. */
  readonly impatient: boolean
}

export async function openTarget(): Promise<Target> {
  const address = foreignTarget()
  if (address === undefined) return ownTarget({})
  const ws = process.env['HAWSER_CONFORMANCE_WS_TARGET']
  const webSocketAddress = ws === undefined ? undefined : addressOf(ws)
  return { address, webSocketAddress, impatient: true, [Symbol.asyncDispose]: async () => undefined }
}

/** A Hawser in this process, with a fault between it and its clients where one is planted. */
export async function ownTarget(options: UnderTestOptions, breaks?: () => Breaks): Promise<Target> {
  const resources = new AsyncDisposableStack()
  const broker = resources.use(await brokerUnderTest(options))
  const planted = breaks ?? (await faultByName())
  const address = { host: '127.0.0.1', port: broker.port }
  const webSocketAddress = { host: '127.0.0.1', port: broker.webSocketPort }
  return {
    address: planted === undefined ? address : resources.use(await plant(planted, address)).address,
    webSocketAddress:
      planted === undefined ? webSocketAddress : resources.use(await plantWebSocket(planted, webSocketAddress)).address,
    impatient: planted !== undefined,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function faultByName(): Promise<(() => Breaks) | undefined> {
  const name = process.env['HAWSER_CONFORMANCE_FAULT']
  if (name === undefined) return undefined
  const { faultNamed } = await import('../faults/fault.ts')
  return faultNamed(name).breaks
}
