/**
 * V8 inlines callees into a hot function until their bytecode together reaches 920 bytes. The path of a message is one
 * chain of small functions, longer than that: it would be cut into calls that pass everything on the heap. Five times
 * as much takes a quarter off the processor time of a message. Measure with the `bench/` row "QoS 1 pairs".
 */
import { setFlagsFromString } from 'node:v8'

export const inlineWholePaths = (): void => setFlagsFromString('--max-inlined-bytecode-size-cumulative=5000')
