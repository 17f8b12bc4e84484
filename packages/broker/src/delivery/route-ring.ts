/** The routes of records that are appended and not yet committed, by ticket. */
import type { Route } from '../router/route.ts'

const initialSlots = 1_024

export class RouteRing {
  #slots: (Route | undefined)[] = new Array(initialSlots).fill(undefined)
  count = 0

  set(ticket: number, route: Route): void {
    let mask = this.#slots.length - 1
    while (this.#slots[ticket & mask] !== undefined) {
      this.#grow(ticket)
      mask = this.#slots.length - 1
    }
    this.#slots[ticket & mask] = route
    this.count++
  }

  take(ticket: number): Route | undefined {
    const slot = ticket & (this.#slots.length - 1)
    const route = this.#slots[slot]
    this.#slots[slot] = undefined
    if (route !== undefined) this.count--
    return route
  }

  /** All that is in the ring belongs to the tickets just before `next`. */
  #grow(next: number): void {
    const old = this.#slots
    const slots: (Route | undefined)[] = new Array(old.length * 2).fill(undefined)
    for (let ticket = Math.max(0, next - old.length); ticket < next; ticket++) {
      slots[ticket & (slots.length - 1)] = old[ticket & (old.length - 1)]
    }
    this.#slots = slots
  }
}
