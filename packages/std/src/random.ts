/** Randomness as a parameter: one seed replays a run. */
import { randomBytes as systemRandomBytes } from 'node:crypto'

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [0, bound). */
  integer(bound: number): number
  /** Normal distribution by Box–Muller. */
  gaussian(mean: number, standardDeviation: number): number
  bytes(count: number): Uint8Array
}

abstract class UniformRandom implements Random {
  abstract next(): number
  abstract bytes(count: number): Uint8Array

  integer(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  gaussian(mean: number, standardDeviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    return mean + standardDeviation * radius * Math.cos(2 * Math.PI * this.next())
  }
}

/** The sfc32 generator: small, fast, good enough for simulation; not for secrets. */
class SeededRandom extends UniformRandom {
  readonly #state: Uint32Array

  constructor(seed: number) {
    super()
    this.#state = Uint32Array.of(0x9e3779b9, 0x243f6a88, seed >>> 0, 1)
    for (let round = 0; round < 15; round++) this.#word()
  }

  #word(): number {
    const state = this.#state
    const [a = 0, b = 0, c = 0, counter = 0] = state
    const word = (a + b + counter) >>> 0
    state[3] = counter + 1
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + word
    return word
  }

  next(): number {
    return this.#word() / 2 ** 32
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#word() & 0xff)
  }
}

class SystemRandom extends UniformRandom {
  next(): number {
    return systemRandomBytes(4).readUInt32LE(0) / 2 ** 32
  }

  bytes(count: number): Uint8Array {
    return systemRandomBytes(count)
  }
}

export const seededRandom = (seed: number): Random => new SeededRandom(seed)
export const systemRandom: Random = new SystemRandom()
