/** Width, precision and padding of a field, with printf's meaning of them. */

export interface FieldShape {
  readonly left: boolean
  readonly zeros: boolean
  /** 0: as wide as it is. */
  readonly width: number
  /** Most bytes of a text; undefined: all. */
  readonly precision: number | undefined
}

const padding = ({ zeros }: FieldShape): string => (zeros ? '0' : ' ')

/** A property that the message does not have. */
export const blankField = (shape: FieldShape): string => padding(shape).repeat(shape.width)

export function integerField(value: number, shape: FieldShape): string {
  // The properties are unsigned on the wire and printed as C's int.
  const digits = String(value | 0)
  if (shape.left) return digits.padEnd(shape.width)
  if (!shape.zeros) return digits.padStart(shape.width)
  const sign = digits.startsWith('-') ? '-' : ''
  return sign + digits.slice(sign.length).padStart(shape.width - sign.length, '0')
}

export function textField(text: string, { left, width, precision }: FieldShape): string {
  const shown = precision === undefined ? text : text.slice(0, precision)
  return left ? shown.padEnd(width) : shown.padStart(width)
}

/** A width cuts the payload too. */
export function payloadField(payload: string, shape: FieldShape): string {
  const shown = shape.width > 0 ? payload.slice(0, shape.width) : payload
  return shape.left ? shown.padEnd(shape.width) : shown.padStart(shape.width, padding(shape))
}

/** With a width, half of the bytes that would fit are shown, be the payload shorter or not: as mosquitto_sub does. */
export function hexField(payload: Buffer, upperCase: boolean, shape: FieldShape): string {
  const shownBytes = shape.width > 0 ? Math.floor(Math.min(payload.length, shape.width) / 2) : payload.length
  const hex = payload.subarray(0, shownBytes).toString('hex')
  const shown = upperCase ? hex.toUpperCase() : hex
  return shape.left ? shown.padEnd(shape.width) : shown.padStart(shape.width, padding(shape))
}
