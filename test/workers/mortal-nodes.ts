/** Nodes that are killed, and started again at the ports that their clients know. */
import assert from 'node:assert/strict'
import type { HawserProcess } from '../support/hawser-process.ts'
import type { NodeHome } from './start-node.ts'

export interface MortalNodes extends AsyncDisposable {
  readonly ports: readonly number[]
  /** Of those that live now. */
  pids(): readonly number[]
  /** SIGKILL of these at once; resolves when others take clients in their place. */
  kill(victims: readonly number[]): Promise<void>
  /** Stops one in order, and starts it again. */
  restart(at: number): Promise<void>
  /** As an operator would: each ends with 0. */
  end(): Promise<void>
}

const kill = async (node: HawserProcess): Promise<void> => {
  assert.equal((await node.end('SIGKILL')).signal, 'SIGKILL')
}

const stop = async (node: HawserProcess): Promise<void> => {
  assert.equal((await node.end('SIGTERM')).code, 0)
}

export async function mortalNodes(home: NodeHome, count: number): Promise<MortalNodes> {
  await using starting = new AsyncDisposableStack()
  const first = await Promise.all(Array.from({ length: count }, () => home.start()))
  for (const node of first) starting.use(node)
  const owned = starting.move()
  const all = [...first]
  const replace = async (at: number, end: (victim: HawserProcess) => Promise<void>): Promise<void> => {
    const victim = all[at] ?? assert.fail()
    await end(victim)
    const { port, webSocketPort } = victim
    all[at] = owned.use(await home.start({ port, webSocketPort }))
  }
  return {
    ports: all.map(({ port }) => port),
    pids: () => all.map(({ pid }) => pid),
    async kill(victims) {
      await Promise.all(victims.map((at) => replace(at, kill)))
    },
    restart: (at) => replace(at, stop),
    async end() {
      for (const node of all) await stop(node)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
