/**
 * How a case is declared. Its title bears every statement that it tests, each with its version:
 *
 *     conformance('v5', 'CONNECT', (test) => {
 *       test('v5 [MQTT-3.1.0-2] a second CONNECT ends the connection', async ({ connect }) => {
 *         const peer = await connect()
 *         peer.send(mqtt`10 __ "MQTT" 05 02 0000 {} ""`)
 *         await peer.closes(0x82)
 *       })
 *     })
 *
 * The cases of a file run at the same time on one broker: every name in a case is made from `stage.name`.
 */
import { after, before, describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import type { UnderTestOptions } from '../../packages/broker/src/testing/broker-under-test.ts'
import type { Breaks } from './faults/fault.ts'
import { type Stage, stageOf } from './stage.ts'
import type { Version } from './statements/statement.ts'
import { foreignTarget, hasWebSocket, openTarget, ownTarget, patienceMs, type Target } from './target/target.ts'

export type { Stage } from './stage.ts'

export type Case = (stage: Stage) => Promise<void>

/** A broker of the case's own, where the suite's own broker is not enough: skipped on a foreign target. */
export interface OwnBroker extends UnderTestOptions {
  readonly clock?: ManualClock
}

/** What a case needs beside the suite's own broker, so that it is skipped where there is none. */
export type Setting = 'webSocket' | (() => OwnBroker)

export interface Declare {
  (title: string, run: Case): void
  (title: string, setting: Setting, run: Case): void
}

export interface DeclaredCase {
  readonly title: string
  readonly version: Version
  readonly setting: Setting | undefined
  readonly run: Case
}

const concurrency = 16
let collected: DeclaredCase[] | undefined

/** From now on cases are gathered for their caller, and no test is declared. */
export function collectCases(): readonly DeclaredCase[] {
  collected = []
  return collected
}

export function conformance(version: Version, title: string, define: (test: Declare) => void): void {
  const cases: DeclaredCase[] = []
  define((title: string, ...rest: [Case] | [Setting, Case]) => {
    const [setting, run] = rest.length === 1 ? [undefined, rest[0]] : rest
    cases.push({ title, version, setting, run })
  })
  if (collected !== undefined) collected.push(...cases)
  else declare(`${version} ${title}`, cases)
}

function declare(title: string, cases: readonly DeclaredCase[]): void {
  describe(title, { concurrency }, () => {
    let shared: Target
    before(async () => {
      shared = await openTarget()
    })
    after(() => shared[Symbol.asyncDispose]())
    for (const declared of cases) {
      const { title, version, setting, run } = declared
      it(title, { timeout: patienceMs, skip: lacking(setting) }, async (context) => {
        const resources = new AsyncDisposableStack()
        context.after(() => resources.disposeAsync())
        const own = ownOf(setting)
        const target = own === undefined ? shared : resources.use(await ownTarget(own))
        await perform(run, target, version, own, resources, context.signal)
      })
    }
  })
}

/** One case on a broker of its own, with a fault between the two; rejects where the case fails. */
export async function performWith(breaks: () => Breaks, declared: DeclaredCase, signal: AbortSignal): Promise<void> {
  await using resources = new AsyncDisposableStack()
  const own = ownOf(declared.setting)
  const target = resources.use(await ownTarget(own ?? {}, breaks))
  await perform(declared.run, target, declared.version, own, resources, signal)
}

function perform(
  run: Case,
  target: Target,
  version: Version,
  own: OwnBroker | undefined,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<void> {
  return run(stageOf(target, version, own?.clock, (peer) => resources.defer(() => peer.destroy()), signal))
}

const ownOf = (setting: Setting | undefined): OwnBroker | undefined =>
  typeof setting === 'function' ? setting() : undefined

function lacking(setting: Setting | undefined): string | false {
  if (setting === 'webSocket') return hasWebSocket() ? false : 'needs --ws host:port'
  return setting !== undefined && foreignTarget() !== undefined ? 'needs a Hawser of its own' : false
}

/** A broker whose clock stands until `passSeconds`. */
export const ownClock =
  (options: UnderTestOptions = {}) =>
  (): OwnBroker => ({ ...options, clock: new ManualClock() })
