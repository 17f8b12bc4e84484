/** The hostile side, in a process of its own, so that the witness does not wait for it. Tells how it went. */
import { keepProcessAlive, systemClock } from '@hawser/std'
import type { Outcome } from './load.ts'
import { loads } from './loads.ts'

keepProcessAlive()
process.on('disconnect', () => process.exit(0))

const [, , name = '', count = '0', ports = '{}'] = process.argv
const load = loads[name]
if (load === undefined) throw new Error(`no load is called ${name}`)
const failed = (error: unknown): Outcome => ({ figures: {}, complaints: [String(error)] })
process.send?.(await load.run({ count: Number(count), ports: JSON.parse(ports), clock: systemClock }).catch(failed))
