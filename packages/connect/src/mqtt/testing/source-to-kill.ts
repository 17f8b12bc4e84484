/**
 * A process that takes what another broker has into a log on disk, and that may be killed at any instant. It prints
 * `taken` now and then, and ends by itself once it has both of the last messages.
 *
 *   node source-to-kill.ts <URL> <folder> <version>
 */
import { openLocalEngine } from '@hawser/engine-local'
import { systemClock as clock, keepProcessAlive, systemRandom as random } from '@hawser/std'
import { openLogEntrance } from '../../source/log-entrance.ts'
import type { PublishToLog } from '../../source/log-intake.ts'
import { runSource } from '../../source/run-source.ts'
import type { MqttVersion } from '../defaults.ts'
import { mqttBridge } from '../mod.ts'
import { contents, last } from './log-contents.ts'

const [url = '', folder = '', version = '5.0'] = process.argv.slice(2)
using _alive = keepProcessAlive()
const { log, state, ...engine } = await openLocalEngine({ folder, clock, random })
const missing = new Set<string>(last)
for (const { payload } of await contents(log)) missing.delete(payload)
const entrance = openLogEntrance(log, clock, 'bridge')
const stop = new AbortController()
const publish: PublishToLog = async (message) => {
  const taken = await entrance.publish(message)
  process.stdout.write('taken\n')
  missing.delete(Buffer.from(message.payload).toString())
  if (missing.size === 0) stop.abort()
  return taken
}
const [source] = mqttBridge({
  ...{ name: 'in', direction: 'in', filters: ['t/#'], state, clock },
  peer: { url, version: version as MqttVersion },
}).sources
if (source === undefined) throw new Error('it brings nothing in')
if (missing.size === 0) stop.abort()
await runSource({ log, publish, source, clock, random, signal: stop.signal }).done
await engine[Symbol.asyncDispose]()
process.exit(0)
