import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Broker, skipReason, startBroker } from './broker.ts'
import { type RefusedCase, refusedCases } from './refused-cases.ts'
import { complaintLines, placed, type Side, sides } from './sides.ts'

/** So many run beside each other. */
const parallel = 8

describe('pub and sub refuse as mosquitto_pub and mosquitto_sub do', {
  skip: skipReason,
  concurrency: parallel,
}, () => {
  let broker: Broker
  before(async () => {
    broker = await startBroker()
  })
  after(() => broker[Symbol.asyncDispose]())

  const outcome = async (side: Side, { client, args, stdin, firstLine, tls }: RefusedCase) => {
    const { code, stdout, stderr } = await side.run(client, placed(args, broker.places, side), stdin)
    const complaints = complaintLines(stderr)
    if (tls === true) return { failed: code === 1 || code === 8, tls: stderr.includes('A TLS error occurred.'), stdout }
    return firstLine === true ? { code, complaints: complaints.slice(0, 1) } : { code, complaints, stdout }
  }

  for (const refused of refusedCases) {
    it([refused.client, ...refused.args].join(' '), async () => {
      const [expected, actual] = await Promise.all(sides.map((side) => outcome(side, refused)))
      if (refused.tls !== true) assert.notEqual(expected?.code, 0)
      assert.deepEqual(actual, expected)
    })
  }
})
