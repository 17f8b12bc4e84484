/** Acknowledgements in the order of what they answer [MQTT-4.6.0-2] [MQTT-4.6.0-3] [MQTT-4.6.0-4], whichever is ready first. */

interface Entry {
  readonly send: () => void
  isReady: boolean
}

export class InOrder {
  readonly #entries: Entry[] = []

  /** `send` is called once `ready` has resolved, and all before it have been sent. */
  async add(ready: Promise<unknown>, send: () => void): Promise<void> {
    const entry = { send, isReady: false }
    this.#entries.push(entry)
    await ready
    entry.isReady = true
    while (this.#entries[0]?.isReady === true) this.#entries.shift()?.send()
  }
}
