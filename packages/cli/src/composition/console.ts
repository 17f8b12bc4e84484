/** Page, REST, health and metrics of a process, as configured. */
import type { HawserSource } from '@hawser/admin'
import type { ConsoleServer } from '@hawser/console'
import type { Configuration } from '../config/configuration.ts'
import { version } from '../version.ts'
import type { EngineContext } from './engine.ts'
import { ensureToken } from './token.ts'

/** Loaded when it is asked for: HTTP costs more memory than the broker. */
export async function openConsole(
  { http, dataDir }: Pick<Configuration, 'http' | 'dataDir'>,
  source: HawserSource,
  { clock, random, logger }: EngineContext,
  signal: AbortSignal,
): Promise<ConsoleServer> {
  const { ensureWebBuilt, startConsole } = await import('@hawser/console')
  const token = await ensureToken(dataDir, random)
  const webRoot = ensureWebBuilt({ signal })
  const report = (error: unknown): void => logger.warn(error instanceof Error ? error.message : String(error))
  return startConsole({ source, ...http, token, webRoot, version, clock, report })
}
