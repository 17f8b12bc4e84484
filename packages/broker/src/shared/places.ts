/** Places of the log, in its order: what a group was given back and is to give to another. */
import type { Partition, Position } from '@hawser/engine'

export interface Place {
  readonly partition: Partition
  readonly position: Position
}

/** The last comes first: then the lowest place is the one that is cheap to take. */
const falling = (a: Place, b: Place): number => b.partition - a.partition || b.position - a.position

export class Places {
  #places: Place[] = []

  get size(): number {
    return this.#places.length
  }

  get first(): Place | undefined {
    return this.#places.at(-1)
  }

  addAll(places: readonly Place[]): void {
    if (places.length > 0) this.#places = this.#places.concat(places).sort(falling)
  }

  /** Takes a place out; it is looked for from the lowest on. */
  remove(place: Place): void {
    const at = this.#places.lastIndexOf(place)
    if (at >= 0) this.#places.splice(at, 1)
  }

  removePartition(partition: Partition): void {
    this.#places = this.#places.filter((place) => place.partition !== partition)
  }

  /** The lowest position of one partition; Infinity where it has none. */
  lowest(partition: Partition): number {
    const place = this.#places.findLast((candidate) => candidate.partition === partition)
    return place?.position ?? Number.POSITIVE_INFINITY
  }

  *[Symbol.iterator](): Iterator<Place> {
    for (let index = this.#places.length - 1; index >= 0; index--) {
      const place = this.#places[index]
      if (place !== undefined) yield place
    }
  }
}
