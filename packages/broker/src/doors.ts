/** All listeners of a broker: opened together or not at all, watched once a second, told of new certificates. */

import type { Server } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { disposable, HawserError } from '@hawser/std'
import type { Limits } from './limits/limits.ts'
import { AttachedDoor, type AttachOptions } from './transport/attached-door.ts'
import { Door, type DoorParts } from './transport/door.ts'
import type { ListenerOptions } from './transport/listener-options.ts'

export interface DoorsParts extends Omit<DoorParts, 'admits'> {
  readonly limits: Limits
}

/** What became of a reload. */
export interface ReloadAnswer {
  /** Names of listeners whose new certificates and rules hold for the clients to come. */
  readonly changed: readonly string[]
  /** What takes a restart, each as one line. */
  readonly needsRestart: readonly string[]
}

export class Doors {
  readonly #parts: DoorsParts
  readonly #doorParts: DoorParts
  readonly #attached = new Set<AttachedDoor>()
  #doors: readonly Door[] = []
  #options = new Map<string, ListenerOptions>()

  constructor(parts: DoorsParts) {
    this.#parts = parts
    this.#doorParts = { ...parts, admits: (more) => this.#connections < parts.limits.connectionsMax + more }
  }

  /** MQTT on a server of the embedding program, until disposed. */
  attach(server: Server, options: AttachOptions): Disposable {
    const door = new AttachedDoor(server, options, this.#doorParts)
    this.#attached.add(door)
    return disposable(() => {
      this.#attached.delete(door)
      door[Symbol.dispose]()
    })
  }

  get all(): readonly Door[] {
    return this.#doors
  }

  async open(listeners: readonly ListenerOptions[]): Promise<void> {
    refuseTwins(listeners)
    const opened = new AsyncDisposableStack()
    const doors: Door[] = []
    try {
      for (const options of listeners) doors.push(opened.use(await Door.open(options, this.#doorParts)))
    } catch (error) {
      await opened.disposeAsync()
      throw error
    }
    this.#doors = doors
    this.#options = new Map(listeners.map((options) => [options.name, options]))
  }

  /**
   * Puts in force what can change without dropping a client: certificates, revocation lists, rules. All of it is made
   * before any of it is used: where one part is bad this rejects, and everything stays as it was.
   */
  async reload(listeners: readonly ListenerOptions[]): Promise<ReloadAnswer> {
    refuseTwins(listeners)
    const needsRestart: string[] = []
    const changes: { readonly options: ListenerOptions; readonly apply: () => void }[] = []
    for (const options of listeners) {
      const known = this.#options.get(options.name)
      const door = this.#doors.find(({ name }) => name === options.name)
      if (known === undefined || door === undefined) needsRestart.push(`listener ${options.name} is new`)
      else if (!sameAddress(known, options))
        needsRestart.push(`listener ${options.name} has another address or protocol`)
      else if (!isDeepStrictEqual(known, options)) changes.push({ options, apply: await door.prepare(options) })
    }
    for (const name of this.#options.keys()) {
      if (!listeners.some((options) => options.name === name)) needsRestart.push(`listener ${name} is gone`)
    }
    for (const { options, apply } of changes) {
      apply()
      this.#options.set(options.name, options)
    }
    return { changed: changes.map(({ options }) => options.name), needsRestart }
  }

  /** Once a second. */
  tick(nowMs: number): void {
    for (const door of this.#doors) door.endArrivalsBefore(nowMs - this.#parts.limits.connectMsMax)
  }

  /** Takes nobody more; who is there stays. */
  shut(): void {
    for (const door of this.#doors) door.shut()
  }

  async close(): Promise<void> {
    for (const door of this.#doors) await door[Symbol.asyncDispose]()
    for (const door of this.#attached) door[Symbol.dispose]()
  }

  get #connections(): number {
    let sum = 0
    for (const { connections } of this.#doors) sum += connections
    for (const { open } of this.#attached) sum += open.size
    return sum
  }
}

function refuseTwins(listeners: readonly ListenerOptions[]): void {
  const names = new Set<string>()
  for (const { name } of listeners) {
    if (names.has(name)) {
      throw new HawserError('CONFIG_INVALID', `two listeners have the name ${name}`, { mend: 'rename one of them' })
    }
    names.add(name)
  }
}

function sameAddress(one: ListenerOptions, other: ListenerOptions): boolean {
  return isDeepStrictEqual(addressOf(one), addressOf(other))
}

function addressOf(options: ListenerOptions): unknown {
  const { protocol } = options
  return 'host' in options
    ? { protocol, host: options.host, port: options.port }
    : { protocol, path: options.socketPath, mode: options.socketMode }
}
