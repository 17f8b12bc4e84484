/**
 * The places of a record of Kafka:
 *
 *   topic            its topic there         key          where it is UTF-8
 *   partition, offset                        header.N     the last of its name, where it is UTF-8
 *   payload.A.B      a text, number or boolean in a JSON value
 */
import { isUtf8 } from 'node:buffer'
import { payloadText } from '../../message/payload-place.ts'
import { type Places, placesBy } from '../../message/places.ts'
import { type StrictJson, strictJson } from '../../strict-json.ts'

export interface ConsumedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: ReadonlyMap<Buffer, Buffer>
}

const nothing = Buffer.alloc(0)

/** What has to be read of a record is read once, and only when asked for. */
export class RecordView {
  readonly record: ConsumedRecord
  readonly payload: Buffer
  #json: StrictJson | undefined
  #headers: ReadonlyMap<string, string> | undefined

  constructor(record: ConsumedRecord) {
    this.record = record
    this.payload = record.value ?? nothing
  }

  get json(): StrictJson {
    this.#json ??= strictJson(this.payload)
    return this.#json
  }

  /** Those that are texts. */
  get headers(): ReadonlyMap<string, string> {
    this.#headers ??= new Map(
      [...this.record.headers]
        .filter(([name, content]) => isUtf8(name) && isUtf8(content))
        .map(([name, content]) => [name.toString(), content.toString()]),
    )
    return this.#headers
  }
}

export const recordPlaces: Places<RecordView> = placesBy(
  {
    topic: ({ record }) => record.topic,
    partition: ({ record }) => String(record.partition),
    offset: ({ record }) => String(record.offset),
    key: ({ record: { key } }) => (key !== null && isUtf8(key) ? key.toString() : undefined),
  },
  {
    header:
      (name) =>
      ({ headers }) =>
        headers.get(name),
    payload(fields) {
      const path = fields.split('.')
      return ({ json, payload }) => payloadText(json, payload, path)
    },
  },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template's own form
  'places are ${topic}, ${key}, ${partition}, ${offset}, ${header.NAME} and ${payload.FIELD}, alternatives parted by |',
)
