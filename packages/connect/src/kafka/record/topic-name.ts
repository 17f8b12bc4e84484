/**
 * Names of Kafka topics out of values of MQTT, so that no two values meet in one name, and a plain name stays itself.
 * Letters, digits and `/` have a sign of their own (`/` is `.`), and so has a `-` between two of them; any other byte is
 * `--XX` in hexadecimal. `_` is never made, because Kafka takes names that differ in `.` and `_` alone for one.
 */
import { createHash } from 'node:crypto'

/** Kafka's own bound. */
export const topicNameCharactersMax = 249
const digestCharacters = 32
/** In no escaped value, so that a shortened name is none that is short by itself. */
const digestMark = '----'

/** Of a template that has no other place. */
export const escapeTopic = (value: string): string => escapedBy(/[^A-Za-z0-9/-]|-(?![A-Za-z0-9/])/gu, value)

/** Of one that has: a `-` between them must be none of theirs. */
export const escapeTopicPart = (value: string): string => escapedBy(/[^A-Za-z0-9/]/gu, value)

const escapedBy = (special: RegExp, value: string): string => value.replace(special, escaped).replaceAll('/', '.')

function escaped(character: string): string {
  let text = ''
  for (const byte of Buffer.from(character)) text += `--${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return text
}

/** A name that Kafka takes: it has no empty one, no `.`, no `..`, and none beyond its bound. */
export function boundedTopicName(name: string): string | undefined {
  if (name === '') return undefined
  if (name === '.' || name === '..') return name.replaceAll('.', '--2F')
  if (name.length <= topicNameCharactersMax) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, digestCharacters)
  return `${name.slice(0, topicNameCharactersMax - digestCharacters - digestMark.length)}${digestMark}${digest}`
}
