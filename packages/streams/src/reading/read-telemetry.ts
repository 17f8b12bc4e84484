import type { Specification } from '../specification/specification.ts'
import type { ReadOutcome, RecordSource } from './types.ts'

/** Message → readings, each admitted, kept aside or refused, by the record alone. One outcome unless arrays expand. */
export function readTelemetry(
  _specification: Specification,
  _source: RecordSource,
  _payload: Uint8Array,
): readonly ReadOutcome[] {
  throw new Error('not yet')
}
