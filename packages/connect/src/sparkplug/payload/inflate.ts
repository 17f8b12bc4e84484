/** A payload within a payload, compressed: 6.4.2 of the specification's annex, `SPBV1.0_COMPRESSED`. */
import { gunzipSync, inflateSync } from 'node:zlib'
import { decodePayload } from './decode.ts'
import type { Payload } from './types.ts'

const compressedUuid = 'SPBV1.0_COMPRESSED'
const inflatedBytesMax = 4 << 20

/** Throws where the bytes are no payload. */
export function openPayload(bytes: Uint8Array): Payload {
  const payload = decodePayload(bytes)
  if (payload.uuid !== compressedUuid) return payload
  const algorithm = payload.metrics.find(({ name }) => name === 'algorithm')?.value
  const inflate = algorithm?.kind === 'string' && algorithm.value === 'GZIP' ? gunzipSync : inflateSync
  const inner = decodePayload(inflate(payload.body ?? new Uint8Array(), { maxOutputLength: inflatedBytesMax }))
  // What counts for the order stands outside.
  return { ...inner, seq: payload.seq ?? inner.seq, timestamp: inner.timestamp ?? payload.timestamp }
}
