/** Section 4.7: topic names and topic filters, the same in both versions. */
import assert from 'node:assert/strict'
import { mqtt, raw } from '../peer/bytes.ts'
import type { Peer } from '../peer/peer.ts'
import { publish, publishPacket, subscribe } from '../peer/shorthand.ts'
import type { Stage } from '../suite.ts'
import {
  eachCloses,
  malformedPacket,
  noProperties,
  payloads,
  protocolError,
  refusesFilter,
  topicNameInvalid,
} from './support.ts'

export async function wildcardsInNames(stage: Stage): Promise<void> {
  const { name, version, connect } = stage
  const subscriber = await connect()
  await subscribe(subscriber, `${name}/#`)
  const names = [`${name}/+`, `${name}/#`, `${name}/a+`, `${name}#`]
  const publishes = names.map((topic) => publishPacket(version, topic, 'no'))
  await eachCloses(stage, publishes, malformedPacket, protocolError, topicNameInvalid)
  await subscriber.silent()
}

export async function multiLevelWildcard(stage: Stage): Promise<void> {
  const { name } = stage
  const wrong = [`${name}#`, `${name}/a#`, `${name}/#/a`, `#/${name}`, `${name}/##`]
  await Promise.all(wrong.map((filter) => refusesFilter(stage, filter)))
  assert.deepEqual(await matched(stage, `${name}/#`, [name, `${name}/`, `${name}/a`, `${name}/a/b`, `${name}a/b`]), [
    name,
    `${name}/`,
    `${name}/a`,
    `${name}/a/b`,
  ])
}

export async function singleLevelWildcard(stage: Stage): Promise<void> {
  const { name } = stage
  const wrong = [`${name}+`, `${name}/+a`, `${name}/a+/b`, `${name}/++`, `+${name}`]
  await Promise.all(wrong.map((filter) => refusesFilter(stage, filter)))
  const names = [name, `${name}/`, `${name}/a`, `${name}/a/b`, `${name}//b`, `${name}/c/b`]
  assert.deepEqual(await matched(stage, `${name}/+`, names), [`${name}/`, `${name}/a`])
  assert.deepEqual(await matched(stage, `${name}/+/b`, names), [`${name}/a/b`, `${name}//b`, `${name}/c/b`])
}

export async function dollarTopics({ name, connect }: Stage): Promise<void> {
  const [all, inner, publisher] = [await connect(), await connect(), await connect()]
  await subscribe(all, '#')
  await subscribe(inner, `+/${name}`)
  await publish(publisher, `$${name}/${name}`, 'hidden')
  // Other cases publish at the same time.
  assert.deepEqual(
    (await all.publishes()).filter(({ topic }) => topic.startsWith('$')),
    [],
  )
  await inner.silent()
  const asking = await connect()
  await subscribe(asking, `$${name}/#`)
  await publish(publisher, `$${name}/${name}`, 'asked for')
  assert.deepEqual(payloads(await asking.publishes()), ['asked for'])
}

export async function oneCharacter(stage: Stage): Promise<void> {
  const { name, version, connect } = stage
  await refusesFilter(stage, '')
  await eachCloses(stage, [publishPacket(version, '', 'no')], malformedPacket, protocolError, topicNameInvalid)
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, '/')
  await publish(publisher, '/', name)
  assert.ok(payloads(await subscriber.publishes()).includes(name))
}

export async function nullCharacter(stage: Stage): Promise<void> {
  const { name, version } = stage
  await refusesFilter(stage, `${name}/\0`)
  const publishes = [`${name}/\0`, `\0${name}`].map((topic) => publishPacket(version, topic, 'no'))
  await eachCloses(stage, publishes, malformedPacket, protocolError, topicNameInvalid)
}

/** A server may have a lower bound than the 65,535 bytes, but must not cut. */
export async function longestTopic({ name, version, connect }: Stage): Promise<void> {
  const [subscriber, publisher] = [await connect(), await connect()]
  await subscribe(subscriber, `${name}/#`)
  const topic = `${name}/`.padEnd(65_535, 'x')
  publisher.send(publishPacket(version, topic, 'long'))
  const refused = await publisher.silent().then(
    () => false,
    () => true,
  )
  const arrived = (await subscriber.publishes()).map((publish) => publish.topic)
  assert.deepEqual(arrived, refused ? [] : [topic])
}

export async function noNormalization(stage: Stage): Promise<void> {
  const { name } = stage
  const composed = `${name}/\u00e9`
  const others = [
    `${name}/e\u0301`,
    `${name}/\u00c9`,
    `${name}//\u00e9`,
    `/${composed}`,
    `${composed}/`,
    `${composed}\ufeff`,
  ]
  assert.deepEqual(await matched(stage, composed, [...others, composed]), [composed])
  const unassigned = `${name}/\u0378\u{1f996}`
  assert.deepEqual(await matched(stage, unassigned, [`${name}/\ufffd`, unassigned]), [unassigned])
}

/** The topics of these that a subscription to `filter` is sent, as its peer sees them. */
async function matched({ connect }: Stage, filter: string, topics: readonly string[]): Promise<string[]> {
  const [subscriber, publisher]: Peer[] = await Promise.all([connect(), connect()])
  if (subscriber === undefined || publisher === undefined) throw new Error('two peers were asked for')
  await subscribe(subscriber, filter)
  for (const topic of topics) await publish(publisher, topic, 'here')
  return (await subscriber.publishes()).map(({ topic }) => topic)
}

/** PUBLISH with a topic name that is no text. */
export const publishWithTopicBytes = (stage: Stage, topic: Uint8Array): Buffer =>
  mqtt`30 __ ${Buffer.from([topic.length >> 8, topic.length & 0xff])} ${topic} ${noProperties(stage.version)} ${raw('no')}`
