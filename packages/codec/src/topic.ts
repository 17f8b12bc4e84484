/** Topic names and topic filters, section 4.7 of both specifications; shared subscriptions, section 4.8.2 of 5.0. */
import { byteAt } from './bytes.ts'
import { malformed } from './fault.ts'
import { reasonCode } from './reason-codes.ts'
import type { DecodeFault } from './sink.ts'
import { isText } from './utf8.ts'

const plus = 0x2b
const hash = 0x23

const invalidName = (message: string): DecodeFault => ({ reasonCode: reasonCode.topicNameInvalid, message })
const invalidFilter = (message: string): DecodeFault => ({ reasonCode: reasonCode.topicFilterInvalid, message })

/**
 * Checks the bytes of a topic name [MQTT-4.7.0-1] [MQTT-4.7.3-2] v3.1.1 [MQTT-4.7.1-1] [MQTT-4.7.3-1] [MQTT-4.7.3-2].
 * The length has its own limit of 65,535 by the wire [MQTT-4.7.3-3] v3.1.1 [MQTT-4.7.3-3].
 */
export function checkTopicName(buffer: Uint8Array, start: number, end: number): DecodeFault | undefined {
  if (start === end) return invalidName('topic name is empty [MQTT-4.7.3-1]')
  if (!isText(buffer, start, end)) return malformed('topic name is no UTF-8 text [MQTT-1.5.4-1] [MQTT-1.5.4-2]')
  for (let at = start; at < end; at++) {
    const byte = byteAt(buffer, at)
    // v3.1.1 [MQTT-3.3.2-2]
    if (byte === plus || byte === hash) return invalidName('topic name contains a wildcard [MQTT-3.3.2-2]')
  }
  return undefined
}

const sharePrefix = '$share/'

export interface SharedFilter {
  readonly group: string
  readonly filter: string
}

/** The parts of `$share/{group}/{filter}`; undefined for any other filter, well-formed or not. */
export function parseSharedFilter(filter: string): SharedFilter | undefined {
  if (!isSharedFilter(filter)) return undefined
  const groupEnd = filter.indexOf('/', sharePrefix.length)
  if (groupEnd === -1) return undefined
  const shared = { group: filter.slice(sharePrefix.length, groupEnd), filter: filter.slice(groupEnd + 1) }
  return shared.group === '' || shared.filter === '' || /[+#]/.test(shared.group) ? undefined : shared
}

/** Whether it claims to be a shared subscription, well-formed or not. */
export const isSharedFilter = (filter: string): boolean => filter.startsWith(sharePrefix)

/** Checks a topic filter, shared or not, that is known to be MQTT text. `$share/` means the same in every version. */
export function checkTopicFilter(filter: string): DecodeFault | undefined {
  if (filter === '') return invalidFilter('topic filter is empty [MQTT-4.7.3-1]')
  if (!isSharedFilter(filter)) return checkWildcards(filter)
  const shared = parseSharedFilter(filter)
  if (shared === undefined)
    return invalidFilter('shared subscription lacks a group or filter [MQTT-4.8.2-1] [MQTT-4.8.2-2]')
  return checkWildcards(shared.filter)
}

/** Whether there is a topic that both filters match, of filters that are well-formed and not shared. */
export const filtersMeet = (one: string, other: string): boolean => levelsMeet(one.split('/'), other.split('/'))

function levelsMeet([one, ...ones]: readonly string[], [other, ...others]: readonly string[]): boolean {
  if (one === '#' || other === '#') return true
  if (one === undefined || other === undefined) {
    // # stands for its parent too [MQTT-4.7.1-2].
    const rest = one === undefined ? [other, ...others] : [one, ...ones]
    return rest[0] === undefined || (rest.length === 1 && rest[0] === '#')
  }
  return (one === other || one === '+' || other === '+') && levelsMeet(ones, others)
}

function checkWildcards(filter: string): DecodeFault | undefined {
  const hashAt = filter.indexOf('#')
  // [MQTT-4.7.1-1] v3.1.1 [MQTT-4.7.1-2]
  if (hashAt !== -1 && (hashAt !== filter.length - 1 || (hashAt > 0 && filter[hashAt - 1] !== '/')))
    return invalidFilter('# must be the last level, alone [MQTT-4.7.1-1]')
  for (let at = filter.indexOf('+'); at !== -1; at = filter.indexOf('+', at + 1)) {
    // [MQTT-4.7.1-2] v3.1.1 [MQTT-4.7.1-3]
    if ((at > 0 && filter[at - 1] !== '/') || (at < filter.length - 1 && filter[at + 1] !== '/'))
      return invalidFilter('+ must be a level alone [MQTT-4.7.1-2]')
  }
  return undefined
}
