/** Does nothing but tell how late the machine lets an idle event loop be. */
import { keepProcessAlive, systemClock } from '@hawser/std'
import { beat, tell } from './pulse.ts'

keepProcessAlive()
process.on('disconnect', () => process.exit(0))
beat(systemClock, () => undefined)
tell({ kind: 'ready', ports: {} })
