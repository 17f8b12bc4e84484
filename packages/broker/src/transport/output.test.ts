import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChunkPool, largeChunkBytes } from './chunk.ts'
import { Flusher } from './flusher.ts'
import { Output } from './output.ts'
import type { Transport, Writer } from './transport.ts'

/** Takes writes and says that they are out when told. */
class FakeTransport implements Transport {
  readonly remoteAddress = 'fake'
  readonly certificate = undefined
  readonly rules = {}
  readonly crowded = false
  readonly acceptedAtMs = 0
  readonly listener = 'fake'
  readonly writes: Buffer[] = []
  /** Whether the kernel has room for what is written. */
  takesAtOnce = false
  readonly #unsaid: Writer[] = []

  write(bytes: Buffer, writer: Writer): boolean {
    // What is handed over must be complete at once: a socket may send it before the call returns.
    this.writes.push(Buffer.from(bytes))
    if (!this.takesAtOnce) this.#unsaid.push(writer)
    return this.takesAtOnce
  }
  sayWritten(): void {
    for (const writer of this.#unsaid.splice(0)) writer.written()
  }
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
  get bytes(): Buffer {
    return Buffer.concat(this.writes)
  }
}

function outputUnderTest(highWaterBytes = 1_000_000, bytesAllMax = Number.POSITIVE_INFINITY) {
  const transport = new FakeTransport()
  const pool = new ChunkPool(() => bytesAllMax)
  const flusher = new Flusher()
  let drains = 0
  const output = new Output(transport, pool, flusher, highWaterBytes, { drained: () => drains++ })
  return { transport, pool, flusher, output, drains: () => drains }
}

describe('output', () => {
  it('writes once a turn what was gathered in it, in order', () => {
    const { transport, flusher, output } = outputUnderTest()
    for (const text of ['one ', 'two ', 'three']) output.write(Buffer.from(text))
    assert.equal(transport.writes.length, 0)
    flusher.flush()
    assert.deepEqual(transport.writes.map(String), ['one two three'])
  })

  it('has nothing pending where the kernel took all at once, and says so when who gathers is done', async () => {
    const { transport, flusher, output, pool, drains } = outputUnderTest(10)
    transport.takesAtOnce = true
    output.write(Buffer.alloc(100))
    assert.equal(output.congested, true)
    flusher.flush()
    assert.deepEqual([output.pendingBytes, pool.heldBytes, drains()], [0, 0, 0])
    await new Promise<void>((resolve) => process.nextTick(resolve))
    assert.equal(drains(), 1)
  })

  it('counts as full with less, where all together hold too much, and tells who asked when it has room again', () => {
    const { transport, flusher, output, pool, drains } = outputUnderTest(1_000_000, 200_000)
    output.write(Buffer.alloc(100_000))
    flusher.flush()
    assert.equal(output.congested, false)
    const others = pool.take(150_000)
    assert.equal(output.congested, true)
    transport.sayWritten()
    assert.equal(drains(), 1)
    output.write(Buffer.alloc(1_000))
    assert.equal(output.congested, false, "a little is everybody's")
    pool.release(others)
    output.close()
    transport.sayWritten()
    assert.equal(pool.heldBytes, 0)
  })

  it('never hands over bytes that are not filled yet, however large the burst', () => {
    const { transport, flusher, output } = outputUnderTest()
    const expected: Buffer[] = []
    for (let part = 0; part < 200; part++) {
      const bytes = Buffer.alloc(5_000, part % 251)
      expected.push(bytes)
      output.write(bytes)
    }
    flusher.flush()
    assert.ok(transport.writes.length > 1, 'a burst is written early')
    assert.ok(transport.bytes.equals(Buffer.concat(expected)))
  })

  it('mixes own and shared ranges in order, and gives every chunk back', () => {
    const { transport, pool, flusher, output } = outputUnderTest()
    const shared = pool.take(largeChunkBytes)
    shared.used = shared.buffer.write('shared bytes')
    output.write(Buffer.from('own '))
    output.share(shared, 0, 6)
    output.share(shared, 6, 12)
    output.write(Buffer.from(' own'))
    flusher.flush()
    assert.equal(String(transport.bytes), 'own shared bytes own')
    assert.equal(shared.references, 1, 'only the test holds it')
    transport.sayWritten()
    assert.equal(output.pendingBytes, 0)
  })

  it('is congested past its high-water mark and says when it is not any more', () => {
    const { transport, flusher, output, drains } = outputUnderTest(1_000)
    output.write(Buffer.alloc(1_001))
    assert.equal(output.congested, true)
    flusher.flush()
    assert.equal(output.congested, true)
    transport.sayWritten()
    assert.equal(output.congested, false)
    assert.equal(drains(), 1)
  })

  it('forgets what was not handed over when it closes, and writes no more', () => {
    const { transport, flusher, output } = outputUnderTest()
    output.write(Buffer.from('late'))
    output.close()
    flusher.flush()
    assert.deepEqual(transport.writes, [])
  })
})
