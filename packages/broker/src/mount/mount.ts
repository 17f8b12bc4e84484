/**
 * The mount point of a listener: its clients live in a branch of the topic tree and do not know it. What they name gets
 * the prefix as it comes in, so that all behind (rights, routes, retained messages, sessions, the log) sees whole
 * topics; what they are told has it taken away as it goes out.
 */
import { checkTopicFilter, checkTopicName, parseSharedFilter } from '@hawser/codec'
import type { PublishSource } from '@hawser/engine'
import { MutableSource } from '../session/mutable-source.ts'

export class Mount {
  readonly prefix: Buffer
  readonly #text: string
  readonly #told = new MutableSource()

  constructor(prefix: string) {
    this.#text = prefix
    this.prefix = Buffer.from(prefix, 'utf8')
  }

  /** What is wrong in itself stays as it is: it is refused for what the client wrote. */
  topic(name: string): string {
    const bytes = Buffer.from(name, 'utf8')
    return checkTopicName(bytes, 0, bytes.length) === undefined ? this.#text + name : name
  }

  filter(filter: string): string {
    if (checkTopicFilter(filter) !== undefined) return filter
    const shared = parseSharedFilter(filter)
    return shared === undefined ? this.#text + filter : `$share/${shared.group}/${this.#text}${shared.filter}`
  }

  /**
   * The message as the client is told it, valid until the next call. Undefined where it lies outside: a session that
   * began at another listener may still have subscriptions there.
   */
  told(source: PublishSource): PublishSource | undefined {
    const { prefix } = this
    const topicStart = source.topicStart + prefix.length
    if (topicStart >= source.topicEnd) return undefined
    if (source.buffer.compare(prefix, 0, prefix.length, source.topicStart, topicStart) !== 0) return undefined
    const told = this.#told
    told.buffer = source.buffer
    told.topicStart = topicStart
    told.topicEnd = source.topicEnd
    told.propertiesStart = source.propertiesStart
    told.propertiesEnd = source.propertiesEnd
    told.payloadStart = source.payloadStart
    told.payloadEnd = source.payloadEnd
    return told
  }
}

export const mountOf = (mountPoint: string | undefined): Mount | undefined =>
  mountPoint === undefined ? undefined : new Mount(mountPoint)
