/** How one node of several is started: those of a data folder have it in common, those of a cluster NATS servers. */
import { temporaryFolder } from '@hawser/std/testing'
import { type NatsCluster, startNatsCluster } from '../servers/nats.ts'
import { type HawserProcess, type HawserProcessOptions, startHawser } from '../support/hawser-process.ts'

export interface NodeHome extends AsyncDisposable {
  /** At the ports that are given, or any. */
  start(options?: Pick<HawserProcessOptions, 'port' | 'webSocketPort' | 'watched'>): Promise<HawserProcess>
}

export interface ClusterHome extends NodeHome {
  readonly servers: NatsCluster
}

export async function folderHome(): Promise<NodeHome> {
  const folder = await temporaryFolder()
  return {
    start: (options) => startHawser({ dataDir: `${folder.path}/data`, command: 'node', ...options }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** Each node has a host, and so a data folder, of its own. */
export async function clusterHome(): Promise<ClusterHome> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const servers = stack.use(await startNatsCluster())
  const owned = stack.move()
  let nodes = 0
  return {
    servers,
    start: (options) =>
      startHawser({ dataDir: `${folder.path}/node-${nodes++}`, further: ['--engine', servers.url], ...options }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
