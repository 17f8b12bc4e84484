/** Tells the operator when the server behind a connector first answers, when it is away, and when it is back. */
import type { ConnectorView } from '@hawser/connect'
import type { Logger } from '../logging/logger.ts'

export function tellReadiness(logger: Pick<Logger, 'info' | 'warn'>, target: string): (view: ConnectorView) => void {
  let told: 'nothing' | 'ready' | 'away' = 'nothing'
  let writtenWhenAway = 0
  return ({ name, state, written, lag, lastError }) => {
    const isAway = state.kind === 'lagging' && state.isRetrying
    const isOpen = state.kind === 'running' || (state.kind === 'lagging' && !state.isRetrying)
    if (isAway && told !== 'away') {
      told = 'away'
      writtenWhenAway = written
      logger.warn(`connector ${name}: ${target} is tried again: ${lastError}`)
    }
    // One that opens and then takes nothing is not back.
    const takes = told === 'nothing' || lag.messages === 0 || written > writtenWhenAway
    if (isOpen && takes && told !== 'ready') {
      told = 'ready'
      logger.info(`connector ${name}: ${target} is ready`)
    }
  }
}
