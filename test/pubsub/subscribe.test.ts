import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Finished } from '../support/programs.ts'
import { type Broker, skipReason, startBroker } from './broker.ts'
import { complaintLines, ours, placed, type Side, sides, theirs } from './sides.ts'
import { type SubscribeCase, subscribeCases, traffic } from './subscribe-cases.ts'

const named = (args: readonly string[], flag: string): string | undefined => args[args.indexOf(flag) + 1]

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
        subscribed.push(broker.logged(`Sending SUBACK to ${id}`))
        return side.run('sub', args)
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

function commandLine({ args }: SubscribeCase, index: number, side: Side, broker: Broker) {
  const given = placed(args, broker.places, side)
  const own = given.includes('-I') ? `${named(given, '-I')}` : named(given, '-i')
  const id = given.includes('-i') || given.includes('-I') ? `${own}` : `${side.name}-${index}`
  const placedAt = ['-p', '--unix', '-L'].some((flag) => given.includes(flag))
  return {
    id,
    args: [...(placedAt ? [] : ['-p', broker.places.PORT]), ...(id === own ? [] : ['-i', id]), ...given],
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
