/** What happens to clients, for whoever listens: hooks of an embedding program, `$SYS` events, traces. */
/** Whom an event is about, as a value that outlives the connection. */
export interface ClientReference {
  readonly clientId: string
  readonly username: string | undefined
  /** `address:port`. */
  readonly address: string
  readonly listener: string
  readonly protocolVersion: 3 | 4 | 5
}

export type BrokerEvent =
  | {
      readonly kind: 'connected'
      readonly client: ClientReference
      readonly sessionPresent: boolean
      readonly cleanStart: boolean
      readonly keepAliveSeconds: number
      readonly sessionExpirySeconds: number
    }
  | {
      /** A CONNECT was answered with a reason code of 0x80 or above. */
      readonly kind: 'refused'
      readonly address: string
      readonly listener: string
      readonly reasonCode: number
    }
  | {
      readonly kind: 'disconnected'
      readonly client: ClientReference
      /** Of the DISCONNECT that either side sent; undefined where the connection just ended. */
      readonly reasonCode: number | undefined
      readonly by: 'client' | 'broker'
      readonly connectedSeconds: number
    }
  | {
      readonly kind: 'subscribed'
      readonly client: ClientReference
      readonly filter: string
      readonly qos: 0 | 1 | 2
    }
  | { readonly kind: 'unsubscribed'; readonly client: ClientReference; readonly filter: string }
  | {
      /** Somebody has logged in, and is refused a session that was begun without a login. */
      readonly kind: 'session-unowned'
      readonly clientId: string
      readonly expirySeconds: number
    }
  | { readonly kind: 'session-ended'; readonly clientId: string; readonly cause: 'expired' | 'replaced' | 'closed' }

export type BrokerEventListener = (event: BrokerEvent) => void

/** Tells its listeners at once and in order; what one throws is a fault of the listener and told as one. */
export class BrokerEvents {
  readonly #listeners = new Set<BrokerEventListener>()
  readonly #onFault: (error: unknown) => void

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault
  }

  /** Nobody listens: an event need not be made. */
  get idle(): boolean {
    return this.#listeners.size === 0
  }

  listen(listener: BrokerEventListener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  tell(event: BrokerEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#onFault(error)
      }
    }
  }
}
