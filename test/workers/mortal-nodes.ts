/** Nodes that are killed, and started again at the ports that their clients know. */
import assert from 'node:assert/strict'
import type { NodeHome } from './start-node.ts'

export interface MortalNodes extends AsyncDisposable {
  readonly ports: readonly number[]
  /** Of those that live now. */
  pids(): readonly number[]
  /** SIGKILL of these at once; resolves when others take clients in their place. */
  kill(victims: readonly number[]): Promise<void>
  /** As an operator would: each ends with 0. */
  end(): Promise<void>
}

export async function mortalNodes(home: NodeHome, count: number): Promise<MortalNodes> {
  await using starting = new AsyncDisposableStack()
  const first = await Promise.all(Array.from({ length: count }, () => home.start()))
  for (const node of first) starting.use(node)
  const owned = starting.move()
  const all = [...first]
  const replace = async (at: number): Promise<void> => {
    const victim = all[at] ?? assert.fail()
    assert.equal((await victim.end('SIGKILL')).signal, 'SIGKILL')
    const { port, webSocketPort } = victim
    all[at] = owned.use(await home.start({ port, webSocketPort }))
  }
  return {
    ports: all.map(({ port }) => port),
    pids: () => all.map(({ pid }) => pid),
    async kill(victims) {
      await Promise.all(victims.map(replace))
    },
    async end() {
      for (const node of all) assert.equal((await node.end('SIGTERM')).code, 0)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
