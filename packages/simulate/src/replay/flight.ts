/**
 * The window of rows on their way, without I/O. A row is unsent, sent, received (the broker has answered QoS 2 with
 * PUBREC and owns it now) and done (acknowledged, or refused). Rows are numbered from 0 in the order of the file, and
 * a row's packet id follows from its number: so a row that is sent again, by this process or the next, bears the id
 * by which the broker knows it.
 */
type Stage = 'unsent' | 'sent' | 'received' | 'done'

/** What must survive this process for QoS 2 to stay exactly once. */
export interface FlightPosition {
  /** All rows before are done. */
  readonly completed: number
  /** All rows before are received or done: never to be published again, only released. */
  readonly received: number
}

interface Entry {
  readonly payload: string
  stage: Stage
}

const packetIds = 65_535

/** Fewer than there are packet ids, so that no two rows in the window share one. */
export const windowRowsMax = 32_767

export const packetIdOf = (row: number): number => 1 + (row % packetIds)

export class Flight {
  readonly #rows = new Map<number, Entry>()
  #completed: number
  #received: number
  #nextToSend: number
  #end: number
  /** Rows before this one may have been sent before: by us, or by the process that we go on for. */
  #sentBefore: number

  /** Going on from a position, rows are added from `completed` on; those before `received` only wait to be released. */
  constructor(from: FlightPosition, sentBefore = from.received) {
    this.#completed = from.completed
    this.#received = from.received
    this.#nextToSend = from.received
    this.#end = from.completed
    this.#sentBefore = sentBefore
  }

  get position(): FlightPosition {
    return { completed: this.#completed, received: this.#received }
  }

  /** One more than the highest row ever sent. */
  get sent(): number {
    return Math.max(this.#sentBefore, this.#nextToSend)
  }

  /** Rows from the oldest that is not done to the last that was sent. */
  get span(): number {
    return this.#nextToSend - this.#completed
  }

  /** Rows taken from the file so far. */
  get added(): number {
    return this.#end
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0
  }

  /** Takes the next row of the file; its number is the count of rows before it. */
  add(payload: string): void {
    this.#rows.set(this.#end, { payload, stage: this.#end < this.#received ? 'received' : 'unsent' })
    this.#end += 1
  }

  /** The next row to publish, now counted as sent; undefined when a new one must be added first. */
  takeUnsent(): { readonly row: number; readonly payload: string; readonly again: boolean } | undefined {
    // After a reconnect there may be done rows among those to send again.
    for (; this.#nextToSend < this.#end; this.#nextToSend++) {
      const row = this.#nextToSend
      const entry = this.#rows.get(row)
      if (entry?.stage !== 'unsent') continue
      entry.stage = 'sent'
      this.#nextToSend += 1
      const again = row < this.#sentBefore
      this.#sentBefore = Math.max(this.#sentBefore, this.#nextToSend)
      return { row, payload: entry.payload, again }
    }
    return undefined
  }

  /** The row in the window with this packet id. */
  rowOf(packetId: number): number {
    const distance = packetId - packetIdOf(this.#completed)
    return this.#completed + ((distance + packetIds) % packetIds)
  }

  markReceived(row: number): void {
    const entry = this.#rows.get(row)
    if (entry?.stage === 'sent') entry.stage = 'received'
    this.#advance()
  }

  /** Returns false where the row is none that waits for an acknowledgement. */
  markDone(row: number): boolean {
    const entry = this.#rows.get(row)
    if (entry === undefined || entry.stage === 'unsent' || entry.stage === 'done') return false
    entry.stage = 'done'
    this.#advance()
    return true
  }

  /** Rows that only wait to be released, in order. */
  toRelease(): readonly number[] {
    const rows: number[] = []
    for (let row = this.#completed; row < this.#received; row++) {
      if (this.#rows.get(row)?.stage !== 'done') rows.push(row)
    }
    return rows
  }

  /**
   * A new connection to the same session: what was not received is sent again, in order. So is a row received before
   * an earlier one was: it cannot have been released, so the broker still knows its id.
   */
  rewind(): void {
    for (const [row, entry] of this.#rows) {
      if (row >= this.#received && entry.stage !== 'done') entry.stage = 'unsent'
    }
    this.#nextToSend = this.#received
  }

  /** The broker has lost the session: what it had received may be gone with it. Returns how many rows that leaves open. */
  forget(): number {
    const open = this.sent - this.#completed
    for (const entry of this.#rows.values()) if (entry.stage !== 'done') entry.stage = 'unsent'
    this.#received = this.#completed
    this.#nextToSend = this.#completed
    return open
  }

  #advance(): void {
    while (this.#rows.get(this.#completed)?.stage === 'done') {
      this.#rows.delete(this.#completed)
      this.#completed += 1
    }
    this.#received = Math.max(this.#received, this.#completed)
    while (this.#isReceived(this.#received)) this.#received += 1
  }

  #isReceived(row: number): boolean {
    const stage = this.#rows.get(row)?.stage
    return stage === 'received' || stage === 'done'
  }
}
