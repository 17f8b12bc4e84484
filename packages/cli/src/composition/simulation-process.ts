/** The child of `hawser up` that plays one scenario: its devices and what goes with them. */
import { runPart, type ScenarioPart } from '@hawser/simulate'
import { keepProcessAlive, seededRandom, systemClock, systemRandom } from '@hawser/std'
import { climate } from '../simulate/climate.ts'
import { runChild } from '../supervise/child.ts'

export interface SimulationTask {
  readonly name: string
  readonly parts: readonly ScenarioPart[]
  readonly url: string
  readonly seed: number | undefined
}

runChild<SimulationTask>(async ({ parts, url, seed }, { logger, signal, ready }) => {
  using _alive = keepProcessAlive()
  const failed = new AbortController()
  const context = {
    url,
    clock: systemClock,
    random: seed === undefined ? systemRandom : seededRandom(seed),
    signal: AbortSignal.any([signal, failed.signal]),
    climate,
    log: (line: string) => logger.debug(line),
    print: (line: string) => logger.debug(line),
  }
  const running = parts.map((part) =>
    runPart(part, context).catch((error: unknown) => {
      failed.abort()
      throw error
    }),
  )
  ready()
  const failure = (await Promise.allSettled(running)).find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) throw failure.reason
})
