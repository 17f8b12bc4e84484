/** A peer in a process of its own: joins the bus of FOLDER as NAME, says so, and sends back what it is sent. */
import { writeSync } from 'node:fs'
import type { PeerId } from '@hawser/engine'
import { openLocalBus } from '../local-bus.ts'

const standardOutput = 1
const [folder = '', name = ''] = process.argv.slice(2)
const bus = await openLocalBus({ folder, self: name as PeerId })
bus.subscribe('echo', (from, bytes) => bus.send(from, 'echoed', bytes))
writeSync(standardOutput, 'joined\n')
