/**
 * Looks at a lane's files as they lie, with a parser of its own, and compares them with what was said to be durable.
 * Arguments: lane folder, file of `<position> <digest>` lines. Says `ok <records>` or what is wrong.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ParsedRecord, parseSegment } from './lanes.ts'
import { digestOf, verifyBody } from './signed-records.ts'

const [folder = '', acknowledgedPath = ''] = process.argv.slice(2)

/** A segment ends where the next one begins. */
function* storedRecords(): Generator<ParsedRecord> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .sort()
  for (const [index, name] of names.entries()) {
    const end = Number.parseInt(names[index + 1] ?? `${Number.MAX_SAFE_INTEGER}`, 10)
    for (const frame of parseSegment(join(folder, name)).frames) {
      for (const record of frame.records) if (record.position < end) yield record
    }
  }
}

const digests = new Map<number, string>()
const nextSequences = new Map<number, number>()
let lastPosition = -1
let lastGeneration = -1
for (const record of storedRecords()) {
  assert.ok(record.position > lastPosition, `position ${record.position} follows ${lastPosition}`)
  lastPosition = record.position
  const signed = verifyBody(record.body)
  assert.ok(signed !== undefined, `the record at ${record.position} was never written`)
  assert.ok(signed.generation >= lastGeneration, `generation ${signed.generation} follows ${lastGeneration}`)
  lastGeneration = signed.generation
  assert.equal(signed.sequence, nextSequences.get(signed.generation) ?? 0, `out of turn at ${record.position}`)
  nextSequences.set(signed.generation, signed.sequence + 1)
  digests.set(record.position, digestOf(record.body))
}

let lastAcknowledged = -1
for (const line of readFileSync(acknowledgedPath, 'utf8').split('\n').slice(0, -1)) {
  const [position = '', digest] = line.split(' ')
  assert.ok(Number(position) > lastAcknowledged, `acknowledged ${position} after ${lastAcknowledged}`)
  lastAcknowledged = Number(position)
  assert.equal(digests.get(lastAcknowledged), digest, `acknowledged ${position} is lost or another`)
}
process.stdout.write(`ok ${digests.size}\n`)
