/**
 * The last value of each topic, for the console's tree. It sees every message of the broker, so what it does for each
 * is little: a copy of a short preview, and a number at most once a second.
 */
import {
  type Topic,
  type TopicPage,
  type TopicQuery,
  topicPreviewCharactersMax,
  topicRecentValuesMax,
} from '@hawser/admin'
import type { Tap, TapMessage } from '@hawser/broker'
import type { Clock } from '@hawser/std'

/** Past it new topics are counted and not shown. */
const topicsMax = 20_000
const previewBytesMax = topicPreviewCharactersMax
const sampleEveryMs = 1_000
/** A rate is taken anew when it was last read so long ago. */
const rateEveryMs = 2_000
/** JSON fields that are shown as a curve, the first that is there. */
const valueFields = /"(?:value|temperature|speed|humidity)"\s*:\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/
const plainNumber = /^\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/

interface Row {
  readonly preview: Buffer
  previewBytes: number
  payloadBytes: number
  retained: boolean
  messages: number
  atMs: number
  sampledAtMs: number
  readonly recent: number[]
  rate: { perSecond: number; atMs: number; messages: number }
}

export class TopicTable implements Tap {
  readonly filter = '#'
  readonly #clock: Clock
  readonly #rows = new Map<string, Row>()
  #untracked = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Messages on topics beyond the bound. */
  get untracked(): number {
    return this.#untracked
  }

  message(topic: string, { buffer, payloadStart, payloadEnd, retain }: TapMessage): void {
    const bytes = payloadEnd - payloadStart
    const row = this.#rows.get(topic) ?? this.#newRow(topic)
    if (row === undefined) {
      this.#untracked++
      return
    }
    row.payloadBytes = bytes
    row.previewBytes = buffer.copy(row.preview, 0, payloadStart, Math.min(payloadEnd, payloadStart + previewBytesMax))
    row.retained = retain || row.retained
    row.messages++
    row.atMs = this.#nowMs()
    if (row.atMs - row.sampledAtMs >= sampleEveryMs) sample(row)
  }

  page({ search, offset, limit }: TopicQuery): TopicPage {
    const names = [...this.#rows.keys()].filter((topic) => topic.includes(search)).sort()
    const items = names.slice(offset, offset + limit).map((topic) => this.#topic(topic))
    return { total: this.#rows.size, matching: names.length, items }
  }

  #newRow(topic: string): Row | undefined {
    if (this.#rows.size >= topicsMax) return undefined
    const atMs = this.#nowMs()
    const row: Row = {
      preview: Buffer.alloc(previewBytesMax),
      previewBytes: 0,
      payloadBytes: 0,
      retained: false,
      messages: 0,
      atMs,
      sampledAtMs: 0,
      recent: [],
      rate: { perSecond: 0, atMs, messages: 0 },
    }
    this.#rows.set(topic, row)
    return row
  }

  #topic(topic: string): Topic {
    const row = this.#rows.get(topic) as Row
    this.#measure(row)
    const { payloadBytes, retained, messages, atMs, recent, rate } = row
    return {
      topic,
      preview: text(row),
      payloadBytes,
      retained,
      messages,
      ratePerSecond: rate.perSecond,
      atMs,
      recent: [...recent],
    }
  }

  #measure(row: Row): void {
    const nowMs = this.#nowMs()
    const spanMs = nowMs - row.rate.atMs
    if (spanMs < rateEveryMs) return
    const perSecond = ((row.messages - row.rate.messages) * 1000) / spanMs
    row.rate = { perSecond, atMs: nowMs, messages: row.messages }
  }

  #nowMs(): number {
    return Math.round(this.#clock.wallMicros() / 1000)
  }
}

const text = ({ preview, previewBytes }: Row): string => preview.toString('utf8', 0, previewBytes)

function sample(row: Row): void {
  row.sampledAtMs = row.atMs
  const shown = text(row)
  const number = plainNumber.test(shown) ? shown : valueFields.exec(shown)?.[1]
  if (number === undefined) return
  row.recent.push(Number(number))
  if (row.recent.length > topicRecentValuesMax) row.recent.shift()
}
