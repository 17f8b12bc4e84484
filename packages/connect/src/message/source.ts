/** A message as the templates and the forms of a record see it: what has to be parsed is parsed once, and only when asked for. */
import { decodeProperties, type Properties } from '@hawser/codec'
import type { LogId } from '@hawser/engine'
import { eventId, type Message } from '../connector.ts'
import { type StrictJson, strictJson } from '../strict-json.ts'

const noProperties: Properties = {}

export class RecordSource {
  readonly message: Message
  readonly eventId: string
  #levels: readonly string[] | undefined
  #json: StrictJson | undefined
  #properties: Properties | undefined

  constructor(logId: LogId, message: Message) {
    this.message = message
    this.eventId = eventId(logId, message)
  }

  get levels(): readonly string[] {
    this.#levels ??= this.message.topic.split('/')
    return this.#levels
  }

  get json(): StrictJson {
    this.#json ??= strictJson(this.message.payload)
    return this.#json
  }

  get properties(): Properties {
    const { properties } = this.message
    this.#properties ??= properties.length === 0 ? noProperties : decodeProperties(properties, 0, properties.length)
    return this.#properties
  }

  /** What the publisher says, or what it is seen to be. */
  get contentType(): string {
    const said = this.properties.contentType
    if (said !== undefined) return said
    return this.json.kind === 'json' ? 'application/json' : 'application/octet-stream'
  }
}
