import { stateStoreContract } from '../contract/mod.ts'
import { createMemoryState } from './memory-state.ts'

stateStoreContract({ name: 'memory', open: async () => createMemoryState() })
