import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ProcessUnderTest } from '../testing/host-under-test.ts'
import { type ProcessesUnderTest, processesUnderTest } from '../testing/processes-under-test.ts'

const mebibyte = 1_048_576

const two = ({ processes }: ProcessesUnderTest): [ProcessUnderTest, ProcessUnderTest] => {
  const [a, b] = processes
  assert.ok(a && b)
  return [a, b]
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

const numbered = (n: number, bytes: number): string => `${n}`.padEnd(bytes)

describe('back-pressure between processes', { timeout: 120_000 }, () => {
  it('holds a publisher back for a full receiver elsewhere, which gets everything in order', async () => {
    await using under = await processesUnderTest(2, { limits: { slowReceiverMsMax: 60_000 } })
    const [a, b] = two(under)
    const [publisher, receiver] = [await a.connect(), await b.connect()]
    await receiver.subscribe('t')
    receiver.socket.pause()
    // More than the receiver may have waiting and the systems take.
    const count = 600
    for (let n = 0; n < count; n++) publisher.publish('t', numbered(n, 100_000))
    await until(() => b.broker.stats().outputBytesPending > mebibyte)
    for (let turn = 0; turn < 500; turn++) await new Promise(setImmediate)
    assert.ok(a.broker.stats().counters.publishesReceived[0] < count)
    receiver.socket.resume()
    for (let n = 0; n < count; n++) {
      const { payload } = await receiver.receive('publish')
      assert.equal(Number(String(payload)), n)
    }
  })

  it('ends with the process whose receiver was full', async () => {
    await using under = await processesUnderTest(2, { limits: { slowReceiverMsMax: 60_000 } })
    const [a, b] = two(under)
    const [publisher, receiver] = [await a.connect(), await b.connect()]
    await receiver.subscribe('t')
    receiver.socket.pause()
    for (let n = 0; n < 400; n++) publisher.publish('t', numbered(n, 100_000))
    await until(() => b.broker.stats().outputBytesPending > mebibyte)
    await b.crash()
    await publisher.untilPong()
  })

  it('lets a frozen process stop publishers for a while only, and counts what it loses', async () => {
    await using under = await processesUnderTest(2, { limits: { slowReceiverMsMax: 200 } })
    const [a, b] = two(under)
    const [publisher, receiver] = [await a.connect(), await b.connect()]
    await receiver.subscribe('t')
    b.member.freeze()
    const count = 400
    for (let n = 0; n < count; n++) publisher.publish('t', numbered(n, 100_000))
    await publisher.untilPong()
    const { dropped, publishesForwarded } = a.broker.stats().counters
    assert.ok(dropped['slow-peer'] > 0)
    b.member.thaw()
    const got: number[] = []
    await until(() => a.broker.stats().counters.publishesForwarded + dropped['slow-peer'] === count)
    const expected = count - dropped['slow-peer']
    assert.ok(publishesForwarded < expected)
    while (got.length < expected) got.push(Number(String((await receiver.receive('publish')).payload)))
    assert.deepEqual(
      got,
      got.toSorted((one, other) => one - other),
    )
    assert.equal(got[0], 0)
    publisher.publish('t', 'again')
    assert.equal(String((await receiver.receive('publish')).payload), 'again')
  })
})
