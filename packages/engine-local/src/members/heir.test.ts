/** What is known of a lane whose new owner joins before its old one is seen to leave. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type PeerChange, type PeerId, partition } from '@hawser/engine'
import { disposable, seededRandom } from '@hawser/std'
import { ManualClock, temporaryFolder } from '@hawser/std/testing'
import type { LocalBus } from '../bus/local-bus.ts'
import { takeLane } from '../lock/lane-lock.ts'
import { killProcess } from '../lock/process-identity.ts'
import { encodeLaneState, type LaneStateKind } from '../log/foreign/lane-state.ts'
import { segmentHeaderBytes } from '../log/format.ts'
import { openLocalLog } from '../log/local-log.ts'
import { openLocalMembers } from './local-members.ts'
import { peerName } from './peer-name.ts'

const lane = partition(1)
const [dead, heir] = [peerName(lane, 11), peerName(lane, 12)]

/** Says what a test wants to be heard. */
class ScriptedBus implements LocalBus {
  readonly self = peerName(partition(0), process.pid)
  readonly #peers = new Set<PeerId>()
  readonly #peerListeners: ((change: PeerChange) => void)[] = []
  readonly #listeners = new Map<string, (from: PeerId, bytes: Buffer) => void>()
  readonly peers = (): readonly PeerId[] => [...this.#peers]
  readonly send = (): boolean => true
  readonly broadcast = (): boolean => true
  readonly signsOfLife = (): number => 0

  onPeers(listener: (change: PeerChange) => void): Disposable {
    this.#peerListeners.push(listener)
    return disposable(() => undefined)
  }

  subscribe(channel: string, listener: (from: PeerId, bytes: Buffer) => void): Disposable {
    this.#listeners.set(channel, listener)
    return disposable(() => undefined)
  }

  change(kind: PeerChange['kind'], peer: PeerId): void {
    if (kind === 'joined') this.#peers.add(peer)
    else this.#peers.delete(peer)
    for (const listener of this.#peerListeners) listener({ kind, peer })
  }

  tell(from: PeerId, kind: LaneStateKind): void {
    const extents = [{ base: 0, end: 0, dataEnd: segmentHeaderBytes }]
    this.#listeners.get('hawser-lanes')?.(from, encodeLaneState({ kind, lane, start: 0, extents }))
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function opened(folder: string, stack: AsyncDisposableStack) {
  const clock = new ManualClock()
  stack.use(takeLane(folder, 0).lock)
  const log = stack.use(await openLocalLog({ folder: `${folder}/log`, lane: 0, clock, random: seededRandom(1) }))
  const bus = new ScriptedBus()
  const onFault = (error: Error): void => {
    throw error
  }
  const members = stack.use(await openLocalMembers({ folder, log, bus, clock, onFault, end: killProcess }))
  bus.change('joined', dead)
  bus.tell(dead, 'whole')
  return { bus, members }
}

describe('a lane whose heir joins before its last owner leaves', () => {
  for (const [told, orphans] of [
    ['inherited', [lane]],
    ['whole', []],
  ] as const) {
    it(`is an orphan until the heir has told that it is ${told}`, async () => {
      await using folder = await temporaryFolder()
      await using stack = new AsyncDisposableStack()
      const { bus, members } = await opened(folder.path, stack)
      bus.change('joined', heir)
      assert.deepEqual(members.orphans(), [])
      bus.change('left', dead)
      assert.deepEqual(members.orphans(), [lane], 'its claims wait')
      bus.tell(heir, told)
      assert.deepEqual(members.orphans(), orphans)
    })

    it(`is what the heir has told already: ${told}`, async () => {
      await using folder = await temporaryFolder()
      await using stack = new AsyncDisposableStack()
      const { bus, members } = await opened(folder.path, stack)
      bus.change('joined', heir)
      bus.tell(heir, told)
      bus.change('left', dead)
      assert.deepEqual(members.orphans(), orphans)
    })
  }
})
