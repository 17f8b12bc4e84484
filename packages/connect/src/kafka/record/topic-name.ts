/**
 * Names of Kafka topics out of values of MQTT, so that no two values meet in one name. Letters, digits and `/` have a
 * sign of their own (`/` is `.`), any other byte is `-XX` in hexadecimal. `_` is never made, because Kafka takes names
 * that differ in `.` and `_` alone for one.
 */
import { createHash } from 'node:crypto'

/** Kafka's own bound. */
export const topicNameCharactersMax = 249
const digestCharacters = 32

export const escapeTopic = (value: string): string => value.replace(/[^A-Za-z0-9/]/gu, escaped).replaceAll('/', '.')

function escaped(character: string): string {
  let text = ''
  for (const byte of Buffer.from(character)) text += `-${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return text
}

/** A name that Kafka takes: it has no empty one, no `.`, no `..`, and none beyond its bound. */
export function boundedTopicName(name: string): string | undefined {
  if (name === '') return undefined
  if (name === '.' || name === '..') return name.replaceAll('.', '-2F')
  if (name.length <= topicNameCharactersMax) return name
  // `--` is in no escaped value, so a shortened name is none that is short by itself.
  const digest = createHash('sha256').update(name).digest('hex').slice(0, digestCharacters)
  return `${name.slice(0, topicNameCharactersMax - digestCharacters - 2)}--${digest}`
}
