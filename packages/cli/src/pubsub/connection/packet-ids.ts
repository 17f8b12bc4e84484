/** Packet ids 1, 2, 3 …, as -d shows them: QoS 0 counts along though its packets bear none. */
import type { IClientOptions } from 'mqtt'

type PacketIdSource = NonNullable<IClientOptions['messageIdProvider']>

const packetIdMax = 0xff_ff

export class PacketIds implements PacketIdSource {
  readonly #used = new Set<number>()
  #last = 0

  /** The next number, for a packet that keeps none. */
  count(): number {
    this.#last = (this.#last % packetIdMax) + 1
    return this.#last
  }

  /** Null by the interface's contract: all are in use. */
  allocate(): number | null {
    if (this.#used.size >= packetIdMax) return null
    let id = this.count()
    while (this.#used.has(id)) id = this.count()
    this.#used.add(id)
    return id
  }

  getLastAllocated(): number {
    return this.#last
  }

  register(id: number): boolean {
    if (this.#used.has(id)) return false
    this.#used.add(id)
    return true
  }

  deallocate(id: number): void {
    this.#used.delete(id)
  }

  /** Only what is in use: numbers go on after a reconnect. */
  clear(): void {
    this.#used.clear()
  }
}
