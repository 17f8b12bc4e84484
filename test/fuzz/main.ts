/** `node test/fuzz/main.ts --packets 10000000 --seed 1`: at length. Ends with 1 where an alarm rings. */
import { parseArgs } from 'node:util'
import { fuzz } from './run.ts'
import { stallMsMax } from './watch/stall.ts'

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    planted: { type: 'string', default: 'none' },
  },
})
const packets = Number(values.packets)
const write = (text: string): unknown => process.stdout.write(text)
const stepPackets = Math.max(1, Math.floor(packets / 20))
let told = 0
const report = await fuzz({
  packets,
  seed: Number(values.seed),
  stallMsMax: stallMsMax.atLength,
  planted: values.planted,
  progress(sent) {
    if (sent < told + stepPackets) return
    told = sent
    write(`${sent} packets\n`)
  },
})
const { siege, alarms, ...figures } = report
write(`${JSON.stringify({ ...figures, packets: siege.packets, attacks: siege.attacks }, undefined, 2)}\n`)
for (const [kind, count] of [...siege.kinds].sort()) write(`${String(count).padStart(8)} ${kind}\n`)
for (const alarm of alarms) write(`ALARM ${alarm}\n`)
process.exit(alarms.length === 0 ? 0 : 1)
