/** The first contact: the console's own word on what runs where. */
import type { Broker, Snapshot } from '@hawser/admin'
import { HawserError, milliseconds, sleep } from '@hawser/std'
import type { CheckContext } from './check.ts'
import type { ConsolePort } from './ports/ports.ts'
import { before } from './waiting.ts'

const tryAgainMs = milliseconds(250)

/** Tries until `giveUp`: a core that was killed is back within seconds, and can then say so itself. */
export async function reachConsole(
  console: ConsolePort,
  clock: CheckContext['clock'],
  giveUp: AbortSignal,
): Promise<Snapshot | HawserError> {
  let refusal: HawserError | undefined
  while (!giveUp.aborted) {
    try {
      return await before(console.snapshot(), giveUp)
    } catch (error) {
      if (giveUp.aborted) break
      if (!(error instanceof HawserError)) throw error
      if (!error.retryable) return error
      refusal = error
    }
    await sleep(clock, tryAgainMs, giveUp).catch(() => undefined)
  }
  return refusal ?? stuck(console.url)
}

const stuck = (url: string): HawserError =>
  new HawserError('BROKER_UNREACHABLE', `${url} takes the question and does not answer`, {
    retryable: true,
    mend: 'stop hawser up and start it again: nothing acknowledged is lost',
  })

/** Of one listener, as it is reached from where the console is reached. */
export function listenerUrl(broker: Broker, kind: 'mqtt' | 'ws', consoleUrl: string): string | undefined {
  const listener = broker.listeners.find((candidate) => candidate.kind === kind && candidate.socketPath === null)
  if (listener === undefined) return undefined
  const { host, port } = listener
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = isEverywhere ? new URL(consoleUrl).hostname : host.includes(':') ? `[${host}]` : host
  return `${kind}://${name}:${port}`
}
