/**
 * Kafka's own ids of the topics of a source. A topic that is deleted and made anew under its name has another: its
 * offsets mean other records, and what the group has committed may still speak of those that are gone.
 */
export type TopicIds = ReadonlyMap<string, string>

export class SeenTopics {
  readonly #ids = new Map<string, string>()

  /** Those that have another id than before. */
  remade(found: TopicIds): readonly string[] {
    return [...found.keys()].filter((topic) => this.#ids.has(topic) && this.#ids.get(topic) !== found.get(topic))
  }

  /** The group begins with its first record. */
  forget(topic: string): void {
    this.#ids.delete(topic)
  }

  keep(found: TopicIds): void {
    for (const [topic, id] of found) this.#ids.set(topic, id)
  }
}
