/** What a check is given in a test: fakes, and time that passes by itself. */
import type { ScenarioName } from '@hawser/simulate'
import { disposable, milliseconds, seededRandom } from '@hawser/std'
import { ManualClock } from '@hawser/std/testing'
import type { Check, ConsoleContext } from '../check.ts'
import type { Finding } from '../finding.ts'
import type { StartComponent } from '../ports/ports.ts'
import { FakeBroker } from './fake-broker.ts'
import { FakeConsole } from './fake-console.ts'

export interface World {
  readonly console?: FakeConsole
  readonly broker?: FakeBroker
  readonly scenarios?: readonly ScenarioName[]
  readonly scale?: Readonly<Record<string, number>>
  readonly startComponent?: StartComponent
}

const timeoutMs = milliseconds(5_000)
const stepMs = 100

/** Makes the check in that world, and answers what it found. */
export async function findingsOf(check: Check, world: World = {}): Promise<readonly Finding[]> {
  const { console = new FakeConsole(), broker = new FakeBroker() } = world
  const clock = new ManualClock()
  using _flow = flow(clock)
  const timeUp = new AbortController()
  using _timer = clock.after(timeoutMs, () => timeUp.abort(new Error('no answer in time')))
  const context: ConsoleContext = {
    console,
    connect: broker.connect,
    startComponent: world.startComponent ?? noComponent,
    clock,
    random: seededRandom(1),
    timeUp: timeUp.signal,
    brokerUrls: { tcp: 'mqtt://127.0.0.1:1883', webSocket: 'ws://127.0.0.1:9001' },
    scale: world.scale ?? {},
    snapshot: await console.snapshot(),
    scenarios: world.scenarios ?? ['factory', 'sensors'],
  }
  // Awaited here: time stops with the end of this function.
  return await check.run(context)
}

export const noComponent: StartComponent = () => {
  throw new Error('no component is to be started')
}

/** Moves the clock on whenever nothing else is to be done. */
export function flow(clock: ManualClock): Disposable {
  let flowing = true
  const step = (): void => {
    if (!flowing) return
    clock.advance(stepMs)
    setImmediate(step)
  }
  setImmediate(step)
  return disposable(() => {
    flowing = false
  })
}

/** Status, figure and mend of each, for one look. */
export const linesOf = (findings: readonly Finding[]): readonly string[] =>
  findings.map((finding) => `${finding.name} ${finding.status}: ${finding.figure}`)
