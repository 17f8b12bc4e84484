/** How many messages may wait for their acknowledgement at once. */
export class Window {
  readonly #size: number
  #open = 0
  #changed = Promise.withResolvers<void>()

  constructor(size: number) {
    this.#size = size
  }

  get isFull(): boolean {
    return this.#open >= this.#size
  }

  enter(): void {
    this.#open++
  }

  leave(): void {
    this.#open--
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  async room(): Promise<void> {
    while (this.isFull) await this.#changed.promise
  }

  async empty(): Promise<void> {
    while (this.#open > 0) await this.#changed.promise
  }
}
