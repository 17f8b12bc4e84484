/** `hawser broker` as several processes: one supervises, the others serve clients. */
import { doorUrl, readyLine } from '../broker/ready-line.ts'
import { type CommandIo, exitCode } from '../command.ts'
import type { Configuration } from '../config/configuration.ts'
import { enabledListeners } from '../config/listeners.ts'
import { fromLevel } from '../logging/logger.ts'
import { terminalSink, wantsColor } from '../logging/terminal.ts'
import { type ServerSources, serverConfiguration } from '../shared-flags.ts'
import { runSupervised } from '../supervise/run-supervised.ts'
import { Supervisor } from '../supervise/supervisor.ts'
import { refuseApart, withClaimedPorts, workerParts } from './worker-parts.ts'

export async function runWorkers(
  wished: Configuration,
  wishedSources: ServerSources,
  io: CommandIo,
  { http }: { readonly http: boolean },
): Promise<number> {
  refuseApart(wished)
  const sources = await withClaimedPorts(wished, wishedSources, { http })
  const configuration = await serverConfiguration(sources, io.env)
  const { level, format } = configuration.logging
  const told = new AbortController()
  const supervisor = new Supervisor({
    parts: workerParts({ configuration, sources, house: undefined, connectors: false, http }, 0),
    clock: io.clock,
    log: fromLevel(level, terminalSink(io.stderr, format, wantsColor(io.stderr, io.env))),
    onStopAll: () => told.abort(),
  })
  const clean = await runSupervised(supervisor, {
    signal: AbortSignal.any([io.signal, told.signal]),
    onHangUp: io.onHangUp,
    started: () =>
      io.stdout.write(
        readyLine('broker', urlsOf(configuration, http), configuration, [`workers=${configuration.workers}`]),
      ),
  })
  return clean ? exitCode.success : exitCode.failure
}

const urlsOf = ({ listeners, http }: Configuration, served: boolean): readonly string[] => [
  ...enabledListeners(listeners).map(([, { socket, ...door }]) => doorUrl({ ...door, socketPath: socket })),
  ...(served ? [doorUrl({ protocol: 'http', ...http })] : []),
]
