/** Two links over a way that keeps order and loses what it likes, as core NATS does where a connection breaks. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { milliseconds, type Random, seededRandom } from '@hawser/std'
import { Link } from './link.ts'
import { decodeWire, type PeerKey } from './wire.ts'

const seeds = 60
const stepsPerRun = 200
const queueBytesMax = 4096
const segmentBytesMax = 100

const [one, two]: readonly PeerKey[] = ['one.00000000', 'two.00000000']
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** What one side sends to the other: kept until it is handed over or lost. */
class Way {
  readonly #underWay: Buffer[] = []
  #to: Link | undefined

  leadTo(link: Link): void {
    this.#to = link
  }

  send(bytes: Buffer): void {
    this.#underWay.push(bytes)
  }

  lose(count: number): void {
    this.#underWay.splice(0, count)
  }

  arrive(count: number): void {
    for (const bytes of this.#underWay.splice(0, count)) {
      const message = decodeWire(bytes)
      if (message?.kind === 'segment') this.#to?.segmentArrived(message.number, message.bytes)
      else if (message?.kind === 'status') this.#to?.statusArrived(message.flags, message.expected, message.next)
    }
  }

  arriveAll(): void {
    this.arrive(this.#underWay.length)
  }
}

function linkOver(way: Way, self: PeerKey, peer: PeerKey, onFrame: (text: string) => void): Link {
  return new Link({
    self,
    peer,
    queueBytesMax,
    segmentBytesMax,
    now: milliseconds(0),
    onFrame: (channel, bytes) => onFrame(`${channel} ${bytes.toString()}`),
    publish: (bytes) => way.send(bytes),
    onBroken: () => assert.fail('the stream is whole'),
  })
}

async function run(random: Random): Promise<{ readonly sent: string[]; readonly arrived: string[] }> {
  const [there, back] = [new Way(), new Way()]
  const sent: string[] = []
  const arrived: string[] = []
  const sender = linkOver(there, String(one), String(two), () => assert.fail('nothing is sent back'))
  const receiver = linkOver(back, String(two), String(one), (text) => arrived.push(text))
  there.leadTo(receiver)
  back.leadTo(sender)
  const steps: readonly (() => void)[] = [
    () => {
      const text = `${sent.length}:${'x'.repeat(random.integer(300))}`
      if (sender.send('c', Buffer.from(text))) sent.push(`c ${text}`)
    },
    () => there.arrive(random.integer(4)),
    () => back.arrive(random.integer(4)),
    () => random.integer(5) === 0 && there.lose(random.integer(6)),
    () => random.integer(5) === 0 && back.lose(random.integer(6)),
    () => sender.tellStatus(),
    () => receiver.tellStatus(),
  ]
  for (let step = 0; step < stepsPerRun; step++) {
    steps[random.integer(steps.length)]?.()
    if (random.integer(2) === 0) await turn()
  }
  await turn()
  // The way is whole from now on; each tells now and then how it stands.
  for (let beat = 0; beat < 3; beat++) {
    for (const link of [sender, receiver]) link.tellStatus()
    for (let round = 0; round < 3; round++) for (const way of [there, back]) way.arriveAll()
  }
  return { sent, arrived }
}

describe('link', () => {
  it('what was taken arrives once, in order, whatever is lost on the way', async () => {
    let most = 0
    for (let seed = 0; seed < seeds; seed++) {
      const { sent, arrived } = await run(seededRandom(seed))
      assert.deepEqual(arrived, sent, `seed ${seed}`)
      most = Math.max(most, sent.length)
    }
    assert.ok(most > 20)
  })

  it('what is not confirmed fills the queue, and what is makes room', async () => {
    const [there, back] = [new Way(), new Way()]
    const sender = linkOver(there, String(one), String(two), () => undefined)
    const receiver = linkOver(back, String(two), String(one), () => undefined)
    there.leadTo(receiver)
    back.leadTo(sender)
    const bytes = Buffer.alloc(1000)
    while (sender.send('c', bytes)) await turn()
    there.arriveAll()
    assert.equal(sender.send('c', bytes), false)
    receiver.tellStatus()
    back.arriveAll()
    assert.equal(sender.send('c', bytes), true)
  })
})
