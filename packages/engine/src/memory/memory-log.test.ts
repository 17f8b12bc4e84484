import { messageLogContract } from '../contract/mod.ts'
import { createMemoryLog } from './memory-log.ts'

messageLogContract({
  name: 'memory',
  open: async () => createMemoryLog(),
  openForgetful: async () => createMemoryLog({ bytesMax: 256 << 10 }),
})
