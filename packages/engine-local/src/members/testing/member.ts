/**
 * A member of a data folder, to be killed or frozen. Arguments: folder, generation, `append` or `idle`, silence in ms.
 * Says `open <lane>`, then `<position> <digest>` for each of its records that is durable, and `written` for each line
 * on its input, once it has written a row.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { recordEnd, recordKind, recordTopicEnd, reserveRefused } from '@hawser/engine'
import { milliseconds, seededRandom, systemClock } from '@hawser/std'
import { openLocalEngine } from '../../local-engine.ts'
import { digestOf, signedBody } from '../../log/testing/signed-records.ts'

const outstandingMax = 200
const rowEvery = 50
const [folder = '', generation = '', mode = '', silentMs = ''] = process.argv.slice(2)
const random = seededRandom(Number(generation))
const say = (text: string): void => {
  for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(1, rest))
}

const silentMsMax = milliseconds(Number(silentMs))
const { log, state } = await openLocalEngine({ folder, clock: systemClock, random, share: 'member', silentMsMax })
let durable = 0
let sent = 0

function append(topic: Buffer, body: Buffer): void {
  const at = log.reserve(recordKind.publish, 1, topic.length, body.length)
  if (at === reserveRefused) throw log.status.kind === 'open' ? new RangeError('too much is pending') : log.status.error
  topic.copy(log.buffer, at)
  body.copy(log.buffer, at + topic.length)
}

const writeRow = (key: string): Promise<unknown> => state.write([{ table: 't', key, value: Buffer.from(key) }])

function fill(): void {
  for (; sent - durable < outstandingMax; sent++) {
    const bytes = random.integer(500) === 0 ? 100_000 : random.integer(400)
    append(Buffer.from(`t/${sent % 100}`), Buffer.from(signedBody(Number(generation), sent, bytes)))
    if (sent % rowEvery === 0) void writeRow(`${log.own}/${sent % 1000}`)
  }
}

log.onCommit((batch) => {
  if (batch.partition !== log.own) return
  durable += batch.count
  const lines = Array.from(batch.positions.subarray(0, batch.count), (position, index) => {
    const at = batch.offsets[index] ?? 0
    const body = batch.bytes.toString('utf8', recordTopicEnd(batch.bytes, at), recordEnd(batch.bytes, at))
    return `${position} ${digestOf(body)}\n`
  })
  say(lines.join(''))
  if (mode === 'append') fill()
})
say(`open ${log.own}\n`)
createInterface({ input: process.stdin }).on('line', (line) => void writeRow(line).then(() => say('written\n')))
if (mode === 'append') fill()
