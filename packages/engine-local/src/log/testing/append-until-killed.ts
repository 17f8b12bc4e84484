/**
 * A process to be killed: appends as fast as the disk lets it, and says what is durable, line by line, on its output:
 * `opening`, `open`, then `<position> <digest>` for each record. Arguments: folder, generation.
 */
import { writeSync } from 'node:fs'
import { recordEnd, recordKind, recordTopicEnd, reserveRefused } from '@hawser/engine'
import { seededRandom, systemClock } from '@hawser/std'
import { openLocalLog } from '../local-log.ts'
import { digestOf, signedBody } from './signed-records.ts'

const outstandingMax = 300
const [folder = '', generation = ''] = process.argv.slice(2)
const random = seededRandom(Number(generation))

const say = (text: string): void => {
  for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(1, rest))
}

say('opening\n')
const log = await openLocalLog({ folder, clock: systemClock, segmentBytes: 1 << 20 })
let durable = 0
let sent = 0

function append(topic: Buffer, body: Buffer): void {
  const at = log.reserve(recordKind.publish, 1, topic.length, body.length)
  if (at === reserveRefused) throw log.status.kind === 'open' ? new RangeError('too much is pending') : log.status.error
  topic.copy(log.buffer, at)
  body.copy(log.buffer, at + topic.length)
}

function fill(): void {
  for (; sent - durable < outstandingMax; sent++) {
    const bytes = random.integer(500) === 0 ? 100_000 : random.integer(400)
    append(Buffer.from(`t/${sent % 100}`), Buffer.from(signedBody(Number(generation), sent, bytes)))
  }
}

log.onCommit((batch) => {
  durable += batch.count
  const lines = Array.from(batch.positions.subarray(0, batch.count), (position, index) => {
    const at = batch.offsets[index] ?? 0
    const body = batch.bytes.toString('utf8', recordTopicEnd(batch.bytes, at), recordEnd(batch.bytes, at))
    return `${position} ${digestOf(body)}\n`
  })
  say(lines.join(''))
  fill()
})
say('open\n')
fill()
