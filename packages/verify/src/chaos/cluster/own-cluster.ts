/** Nodes that a run starts itself: several on one data folder, or each for itself on NATS servers. */
import { join } from 'node:path'
import type { Clock } from '@hawser/std'
import { ChaosNode, type LaunchHawser } from './chaos-node.ts'

export interface OwnClusterOptions {
  readonly nodes: number
  /** Processes of each node, behind one address. */
  readonly workers?: number | undefined
  /** Of the data of all. */
  readonly folder: string
  /** By node, the NATS servers as it is to reach them; undefined: the local engine. */
  readonly engineOf: ((index: number) => string) | undefined
  /** Of a node's process. */
  readonly envOf: (index: number) => Readonly<Record<string, string>>
  readonly launch: LaunchHawser
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Resolves when all take connections. */
export async function startOwnCluster(options: OwnClusterOptions, owned: AsyncDisposableStack): Promise<ChaosNode[]> {
  const { launch, clock, signal } = options
  const nodes = Array.from({ length: options.nodes }, (_, index) =>
    owned.use(
      new ChaosNode(
        { name: `node ${index + 1}`, argsOf: argsOf(options, index), env: options.envOf(index) },
        launch,
        clock,
        signal,
      ),
    ),
  )
  await Promise.all(nodes.map((node) => node.start()))
  return nodes
}

function argsOf({ folder, engineOf, workers }: OwnClusterOptions, index: number) {
  const engine = engineOf?.(index)
  return (port: number, webSocketPort: number): readonly string[] => [
    engine === undefined && workers === undefined ? 'node' : 'broker',
    ...['--port', `${port}`, '--ws-port', `${webSocketPort}`, '--log-level', 'warn'],
    ...['--data-dir', join(folder, engine === undefined ? 'data' : `node-${index + 1}`)],
    ...(engine === undefined ? [] : ['--engine', engine]),
    ...(workers === undefined ? [] : ['--workers', `${workers}`]),
  ]
}
