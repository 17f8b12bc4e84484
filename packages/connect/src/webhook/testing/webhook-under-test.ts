/** A webhook's receiver as the contract's sink: it keeps what it takes, in the order in which it comes. */
import { createMemoryState } from '@hawser/engine/memory'
import { systemClock } from '@hawser/std'
import { refusedTopic, type SinkRow, type SinkUnderTest } from '../../contract/mod.ts'
import { type Answering, startHttpServer } from '../../http/testing/http-server.ts'
import { type WebhookConnectorOptions, webhookConnector } from '../mod.ts'

interface ReceivedEvent {
  readonly id: string
  readonly topic: string
}

/** Of either form, alone or in an array. */
export function eventsIn(body: Buffer): readonly ReceivedEvent[] {
  const parsed: unknown = JSON.parse(body.toString('utf8'))
  const elements = (Array.isArray(parsed) ? parsed : [parsed]) as readonly Record<string, string>[]
  return elements.map((element) => ({
    id: element['event_id'] ?? element['id'] ?? '',
    topic: element['topic'] ?? element['subject'] ?? '',
  }))
}

export async function webhookUnderTest(options: Partial<WebhookConnectorOptions> = {}): Promise<SinkUnderTest> {
  const taken: ReceivedEvent[] = []
  const takeAll: Answering = ({ body }) => {
    taken.push(...eventsIn(body))
    return { status: 202 }
  }
  const server = await startHttpServer(takeAll)
  const state = createMemoryState()
  const common = { url: server.url, state, clock: systemClock, ...options }
  return {
    connector: (filters) => webhookConnector({ ...common, filters }),
    fail: () => server.kill(),
    mend: () => server.start(),
    async refuse() {
      server.answer = (request) =>
        eventsIn(request.body).some(({ topic }) => topic === refusedTopic) ? { status: 422 } : takeAll(request)
      return {
        [Symbol.asyncDispose]: async () => {
          server.answer = takeAll
        },
      }
    },
    rows: async (logId) => taken.flatMap((event) => rowOf(logId, event)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await state[Symbol.asyncDispose]()
    },
  }
}

function rowOf(logId: string, { id, topic }: ReceivedEvent): SinkRow[] {
  const [log, partition, position] = id.split('/')
  return log === logId ? [{ partition: Number(partition), position: Number(position), topic }] : []
}
