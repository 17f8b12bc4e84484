/** Routes by the bytes of their topic. Open hashing without strings: a publish allocates nothing to find its route. */
import type { Route } from './route.ts'

const initialSlots = 1_024

export class RouteTable {
  #slots: (Route | undefined)[] = new Array(initialSlots)
  #hashes = new Int32Array(initialSlots)
  #count = 0

  get size(): number {
    return this.#count
  }

  find(buffer: Buffer, start: number, end: number): Route | undefined {
    const hash = hashOf(buffer, start, end)
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const route = this.#slots[slot]
      if (route === undefined) return undefined
      if (this.#hashes[slot] === hash && route.hasTopic(buffer, start, end)) return route
    }
  }

  add(route: Route): void {
    if ((this.#count + 1) * 2 > this.#slots.length) this.#grow()
    this.#place(route, hashOf(route.topicBytes, 0, route.topicBytes.length))
    this.#count++
  }

  clear(): void {
    for (const route of this.#slots) if (route !== undefined) route.detached = true
    this.#slots = new Array(initialSlots)
    this.#hashes = new Int32Array(initialSlots)
    this.#count = 0
  }

  #place(route: Route, hash: number): void {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== undefined) slot = (slot + 1) & mask
    this.#slots[slot] = route
    this.#hashes[slot] = hash
  }

  #grow(): void {
    const routes = this.#slots
    const hashes = this.#hashes
    this.#slots = new Array(routes.length * 2)
    this.#hashes = new Int32Array(routes.length * 2)
    for (const [slot, route] of routes.entries()) {
      if (route !== undefined) this.#place(route, hashes[slot] ?? 0)
    }
  }
}

/** FNV-1a, mixed once more because the table uses the low bits. */
function hashOf(buffer: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (buffer[at] ?? 0), 0x01000193)
  return hash ^ (hash >>> 15)
}
