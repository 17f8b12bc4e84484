/** How far each partition of Kafka has come: an offset is passed once it and all before it are done. */
interface Lane {
  readonly topic: string
  readonly partition: number
  /** In the order in which they came. */
  readonly underWay: { readonly offset: bigint; done: boolean }[]
  /** The next offset to read, of what is done; undefined while that is what is committed. */
  next: bigint | undefined
}

export interface Offset {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

export class Progress {
  readonly #lanes = new Map<string, Lane>()
  #underWay = 0

  get underWay(): number {
    return this.#underWay
  }

  /** What it answers is called once the record is done. */
  began({ topic, partition, offset }: Offset): () => void {
    const lane = this.#lane(topic, partition)
    const entry = { offset, done: false }
    lane.underWay.push(entry)
    this.#underWay++
    return () => {
      entry.done = true
      this.#underWay--
      let passed = 0
      for (const { done, offset } of lane.underWay) {
        if (!done) break
        lane.next = offset + 1n
        passed++
      }
      lane.underWay.splice(0, passed)
    }
  }

  /** What has moved since it was taken last. */
  take(): readonly Offset[] {
    const moved: Offset[] = []
    for (const lane of this.#lanes.values()) {
      const { topic, partition, next } = lane
      if (next !== undefined) moved.push({ topic, partition, offset: next })
      lane.next = undefined
    }
    return moved
  }

  #lane(topic: string, partition: number): Lane {
    const name = `${partition} ${topic}`
    const known = this.#lanes.get(name)
    if (known !== undefined) return known
    const lane = { topic, partition, underWay: [], next: undefined }
    this.#lanes.set(name, lane)
    return lane
  }
}
