import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { StateStore } from '@hawser/engine'
import { stateStoreContract } from '@hawser/engine/contract'
import { openLocalState } from './local-state.ts'

const root = await mkdtemp(join(tmpdir(), 'hawser-state-'))
after(() => rm(root, { recursive: true }))

const folders = new WeakMap<StateStore, string>()
const openIn = async (folder: string): Promise<StateStore> => {
  const state = await openLocalState({ folder })
  folders.set(state, folder)
  return state
}

stateStoreContract({
  name: 'local',
  open: async () => openIn(await mkdtemp(join(root, 'case-'))),
  reopen: (closed) => openIn(folders.get(closed) ?? ''),
})
