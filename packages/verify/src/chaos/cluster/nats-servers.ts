/**
 * NATS servers with JetStream that a run starts itself, on loopback. They reach each other and are reached by nodes
 * through links that can be cut: no server tells anybody its own address.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, HawserError, milliseconds, sleep } from '@hawser/std'
import { guard } from './guard.ts'
import { freePort, Link } from './link.ts'

export interface NatsServersOptions {
  readonly binary: string
  readonly count: number
  readonly folder: string
  /** Of one server, where it is not in the folder. */
  readonly storeOf?: (index: number) => string | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

const lookEveryMs = milliseconds(100)
const readyMsMax = milliseconds(60_000)

export class NatsServers implements AsyncDisposable {
  readonly #options: NatsServersOptions
  readonly #owned: AsyncDisposableStack
  readonly #children: (ChildProcess | undefined)[] = []
  readonly #ports: readonly ServerPorts[]
  /** From one server to another: `links[from][to]`. */
  readonly #routes: readonly (readonly (Link | undefined)[])[]

  private constructor(
    options: NatsServersOptions,
    ports: readonly ServerPorts[],
    routes: readonly (readonly (Link | undefined)[])[],
    owned: AsyncDisposableStack,
  ) {
    this.#options = options
    this.#ports = ports
    this.#routes = routes
    this.#owned = owned
  }

  static async start(options: NatsServersOptions): Promise<NatsServers> {
    await using stack = new AsyncDisposableStack()
    const ports: ServerPorts[] = []
    for (let index = 0; index < options.count; index++) {
      ports.push({ client: await freePort(), route: await freePort(), monitor: await freePort() })
    }
    const routes = await Promise.all(
      ports.map((_, from) =>
        Promise.all(ports.map(async ({ route }, to) => (from === to ? undefined : stack.use(await Link.open(route))))),
      ),
    )
    const servers = new NatsServers(options, ports, routes, stack.move())
    try {
      await Promise.all(ports.map((_, index) => servers.#write(index)))
      await Promise.all(ports.map((_, index) => servers.start(index)))
      await servers.healthy()
      return servers
    } catch (error) {
      await servers[Symbol.asyncDispose]()
      throw error
    }
  }

  get count(): number {
    return this.#ports.length
  }

  /** Links of one node to each server. */
  async linksOfNode(): Promise<readonly Link[]> {
    return await Promise.all(this.#ports.map(async ({ client }) => this.#owned.use(await Link.open(client))))
  }

  /** All ways between one server and the others. */
  routesOf(server: number): readonly Link[] {
    return this.#routes.flatMap((row, from) =>
      row.flatMap((link, to) => (link !== undefined && (from === server || to === server) ? link : [])),
    )
  }

  signal(index: number, signal: NodeJS.Signals): void {
    this.#children[index]?.kill(signal)
  }

  pid(index: number): number | undefined {
    return this.#children[index]?.pid
  }

  async kill(index: number): Promise<void> {
    const child = this.#children[index]
    if (child === undefined) return
    this.#children[index] = undefined
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  async start(index: number): Promise<void> {
    const child = spawn(this.#options.binary, ['-c', this.#file(index)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // A terminal's Ctrl-C is for us alone: servers go when their nodes have gone.
      detached: true,
    })
    this.#children[index] = child
    if (child.pid !== undefined) {
      const guarded = guard(child.pid, 'KILL')
      child.once('exit', () => guarded[Symbol.dispose]())
    }
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-2048)
        if (said.includes('Server is ready')) resolve()
      })
      const refuse = (why: string): void => reject(notStarted(this.#options.binary, why))
      child.once('error', ({ message }) => refuse(message))
      child.once('exit', () => refuse(said.trim().split('\n').at(-1) ?? 'it ended'))
    })
  }

  /** One whose disk was full does not go on by itself: as an operator does when there is room again. */
  async restart(index: number): Promise<void> {
    await this.kill(index)
    await this.start(index)
    await this.healthy()
  }

  /** The server that leads JetStream itself, where one does. */
  async leader(): Promise<number | undefined> {
    for (const { monitor } of this.#ports) {
      const answer = await fetch(`http://127.0.0.1:${monitor}/jsz`, { signal: AbortSignal.timeout(1_000) }).catch(
        () => undefined,
      )
      const said = (await answer?.json()) as { meta_cluster?: { leader?: string } } | undefined
      const name = said?.meta_cluster?.leader
      if (name !== undefined) return this.#ports.findIndex((_, at) => nameOf(at) === name)
    }
    return undefined
  }

  /** Resolves when each says that it is well and current. */
  async healthy(): Promise<void> {
    const { clock, signal, binary } = this.#options
    const lateMs = clock.monotonicMs() + readyMsMax
    const isWell = async ({ monitor }: ServerPorts): Promise<boolean> => {
      const answer = await fetch(`http://127.0.0.1:${monitor}/healthz`, { signal: AbortSignal.timeout(1_000) }).catch(
        () => undefined,
      )
      return answer?.ok === true
    }
    while (!(await Promise.all(this.#ports.map(isWell))).every(Boolean)) {
      if (clock.monotonicMs() > lateMs) throw notStarted(binary, `not healthy after ${readyMsMax / 1000} s`)
      await sleep(clock, lookEveryMs, signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#ports.map((_, index) => this.kill(index)))
    await this.#owned.disposeAsync()
  }

  #file(index: number): string {
    return join(this.#options.folder, `${nameOf(index)}.conf`)
  }

  async #write(index: number): Promise<void> {
    const { client, route, monitor } = this.#ports[index] ?? { client: 0, route: 0, monitor: 0 }
    const store = this.#options.storeOf?.(index) ?? join(this.#options.folder, nameOf(index))
    const routes = (this.#routes[index] ?? []).flatMap((link) =>
      link === undefined ? [] : `nats://127.0.0.1:${link.port}`,
    )
    await writeFile(
      this.#file(index),
      `server_name: ${nameOf(index)}
listen: 127.0.0.1:${client}
http: 127.0.0.1:${monitor}
jetstream { store_dir: "${store}", sync_interval: always }
${
  routes.length === 0
    ? ''
    : `cluster {
  name: hawser-chaos
  listen: 127.0.0.1:${route}
  # Nobody goes round the links: nothing listens at what is told to others.
  advertise: "127.0.0.1:1"
  no_advertise: true
  pool_size: -1
  routes: [${routes.join(', ')}]
}`
}
`,
    )
  }
}

interface ServerPorts {
  readonly client: number
  readonly route: number
  readonly monitor: number
}

const nameOf = (index: number): string => `nats-${index + 1}`

const notStarted = (binary: string, why: string): HawserError =>
  new HawserError('ENGINE_UNREACHABLE', `a server of ${binary} is not well: ${why}`, {
    mend: 'give the nats-server (2.11 or newer) with --nats-server',
  })
