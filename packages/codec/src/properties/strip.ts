/** What a log keeps of a PUBLISH's properties: the rest belongs to one connection or is kept in a field of its own. */
import { copyBytes } from '@hawser/std'
import { byteAt, uint16At } from '../bytes.ts'
import { readVariableInteger, variableIntegerBytes } from '../variable-integer.ts'
import { propertyId, wireKind, wireKindById } from './table.ts'

/** One past the property at `at`, in a range that `scanProperties` has passed. */
function propertyEnd(buffer: Buffer, at: number, end: number): number {
  const valueStart = at + 1
  switch (wireKindById[byteAt(buffer, at)]) {
    case wireKind.byte:
      return valueStart + 1
    case wireKind.uint16:
      return valueStart + 2
    case wireKind.uint32:
      return valueStart + 4
    case wireKind.integer:
      return valueStart + variableIntegerBytes(readVariableInteger(buffer, valueStart, end))
    case wireKind.pair: {
      const nameEnd = valueStart + 2 + uint16At(buffer, valueStart)
      return nameEnd + 2 + uint16At(buffer, nameEnd)
    }
    default:
      return valueStart + 2 + uint16At(buffer, valueStart)
  }
}

const isKept = (id: number): boolean =>
  id !== propertyId.topicAlias && id !== propertyId.messageExpiryInterval && id !== propertyId.subscriptionIdentifier

/**
 * What is forwarded stays as it came: [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18]
 * [MQTT-3.3.2-20].
 *
 * Copies a PUBLISH's checked properties to `at` without topic alias, message expiry and subscription identifiers, and
 * answers the index behind them; the order stays. `target` may be `buffer` itself with `at` = `start`: the range is then
 * closed up in place, and untouched where there is nothing to take out.
 */
export function stripPublishProperties(buffer: Buffer, start: number, end: number, target: Buffer, at: number): number {
  let next = at
  let from = start
  while (from < end) {
    const propertyStart = from
    from = propertyEnd(buffer, from, end)
    if (!isKept(byteAt(buffer, propertyStart))) continue
    if (target === buffer && next === propertyStart) next = from
    else next = copyBytes(buffer, propertyStart, from, target, next)
  }
  return next
}
