import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Finished } from '../support/programs.ts'
import { type Broker, skipReason, startBroker } from './broker.ts'
import { complaintLines, ours, placed, type Side, sides, theirs } from './sides.ts'
import { type SubscribeCase, subscribeCases, traffic } from './subscribe-cases.ts'

describe('sub prints what mosquitto_sub prints', { skip: skipReason }, () => {
  const outcomes = new Map<Side, Finished[]>()
  let broker: Broker

  /** All of them listen to one traffic, so that the whole costs little more than the slowest. */
  before(async () => {
    broker = await startBroker()
    const subscribed: Promise<void>[] = []
    const running = sides.map((side) => ({
      side,
      finished: subscribeCases.map((subscribeCase, index) => {
        const { id, args } = commandLine(subscribeCase, index, side, broker)
        const finished = side.run('sub', args)
        if (listens(subscribeCase)) subscribed.push(Promise.race([broker.subscribed(id), tooEarly(finished)]))
        return finished
      }),
    }))
    await Promise.all(subscribed)
    for (const args of traffic) {
      const { code, stderr } = await theirs.run('pub', ['-p', broker.places.PORT, ...args])
      assert.equal(code, 0, stderr)
    }
    for (const { side, finished } of running) outcomes.set(side, await Promise.all(finished))
  })
  after(() => broker[Symbol.asyncDispose]())

  for (const [index, subscribeCase] of subscribeCases.entries()) {
    it(`sub ${subscribeCase.args.join(' ')}`, () => {
      const [expected, actual] = [theirs, ours].map((side) =>
        comparable(outcomes.get(side)?.[index], subscribeCase, side),
      )
      assert.deepEqual(actual, expected)
    })
  }
})

/** The others end by themselves, traffic or not. */
const listens = ({ args }: SubscribeCase): boolean => !args.includes('-W') && !args.includes('-E')

async function tooEarly(finished: Promise<Finished>): Promise<never> {
  const { code, stderr } = await finished
  throw new Error(`ended with ${code} before it had subscribed: ${stderr}`)
}

function commandLine({ args }: SubscribeCase, index: number, side: Side, broker: Broker) {
  const given = placed(args, broker.places, side)
  const own = given.includes('-i') ? given[given.indexOf('-i') + 1] : undefined
  const id = own ?? `${side.name}-${index}`
  const placedAt = ['-p', '--unix', '-L'].some((flag) => given.includes(flag))
  return {
    id,
    args: [...(placedAt ? [] : ['-p', broker.places.PORT]), ...(own === undefined ? ['-i', id] : []), ...given],
  }
}

function comparable(finished: Finished | undefined, { times }: SubscribeCase, side: Side) {
  assert.ok(finished, 'it has not run')
  const stdout = finished.stdout.replaceAll(`-${side.name}`, '')
  return {
    code: finished.code,
    stdout: times === true ? stdout.replace(/\d/g, '0') : stdout,
    complaints: complaintLines(finished.stderr),
  }
}
