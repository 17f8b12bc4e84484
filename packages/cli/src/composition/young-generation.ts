/**
 * V8 doubles the heap's young generation, up to 128 MB, where many objects outlive a collection, as when ten thousand
 * clients connect, and goes on touching all of it. The hot paths make next to no garbage and need none of that: it stays
 * what it is. Measure with the `bench/` rows "idle-connections" (memory) and "QoS 1 pairs" (what collections cost).
 */
import { setFlagsFromString } from 'node:v8'

export const boundYoungGeneration = (): void => setFlagsFromString('--semi-space-growth-factor=1')
