/** A process that holds idle connections: `node bench/growth/holder.ts JOB`, a `HoldJob` as JSON; until its input ends. */
import { once } from 'node:events'
import { type HoldJob, holdConnections } from '@hawser/verify/load'

using held = await holdConnections(JSON.parse(process.argv[2] ?? '') as HoldJob)
console.log(Math.round(held.openedPerSecond))
process.stdin.resume()
await once(process.stdin, 'end')
if (held.closed() > 0) throw new Error(`the broker closed ${held.closed()} idle connections`)
process.exit()
