import { membersContract } from '@hawser/engine/contract'
import { membersInProcess } from './testing/in-process.ts'

membersContract({
  name: 'local',
  open: () => membersInProcess(),
  openForgetful: () => membersInProcess({ segmentBytes: 1 << 18, retention: { bytes: 1 << 20, ms: 0 } }),
})
