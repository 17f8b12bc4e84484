/** Messages of a stream by their sequence numbers, from whichever server has them at hand: it may be a little behind. */
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'
import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node'

export interface StoredMessage {
  readonly sequence: number
  readonly data: Buffer
}

export interface ReadOptions {
  readonly connection: NatsConnection
  readonly stream: string
  readonly clock: Clock
}

const answerMsMax: Milliseconds = milliseconds(2000)
const messagesMax = 256
const bytesMax = 4 << 20
const endOfBatch = 204
const nothingThere = 404

export const dataOf = ({ data }: Msg): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength)
export const sequenceOf = ({ headers }: Msg): number => Number(headers?.get('Nats-Sequence'))

/**
 * Messages from `from` on, or from where the stream begins now: some, none where there is none yet. With `subject` only
 * those of that subject. Rejects where no server answers in time.
 */
export function readStored(options: ReadOptions, from: number, subject?: string): Promise<StoredMessage[]> {
  const { connection, stream, clock } = options
  if (connection.isClosed()) return Promise.reject(noAnswer(stream, 'the connection is closed'))
  const { promise, resolve, reject } = Promise.withResolvers<StoredMessage[]>()
  const messages: StoredMessage[] = []
  const inbox = createInbox()
  const settle = (error?: HawserError): void => {
    timer[Symbol.dispose]()
    if (!connection.isClosed()) subscription.unsubscribe()
    if (error === undefined) resolve(messages)
    else reject(error)
  }
  const timer = clock.after(answerMsMax, () => settle(noAnswer(stream, 'no server answers')))
  const subscription = connection.subscribe(inbox, {
    callback: (_error, message) => {
      const status = message.headers?.code ?? 0
      if (status === endOfBatch || status === nothingThere) settle()
      else if (status !== 0) settle(noAnswer(stream, message.headers?.description ?? String(status)))
      else messages.push({ sequence: sequenceOf(message), data: dataOf(message) })
    },
  })
  const filter = subject === undefined ? {} : { next_by_subj: subject }
  const query = JSON.stringify({ seq: from, batch: messagesMax, max_bytes: bytesMax, ...filter })
  connection.publish(`$JS.API.DIRECT.GET.${stream}`, query, { reply: inbox })
  return promise
}

const noAnswer = (stream: string, why: string): HawserError =>
  new HawserError('ENGINE_UNREACHABLE', `the stream ${stream} cannot be read: ${why}`, { retryable: true })
