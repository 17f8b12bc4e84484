import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { consolePort } from './console-port.ts'

const baseUrl = 'http://127.0.0.1:8080'

/** A console of so many topics, that keeps what it was asked. */
function consoleOf(topicCount: number) {
  const asked: string[] = []
  const topic = (number: number) => ({
    topic: `sensoren/sine${number}`,
    preview: '0.1',
    payloadBytes: 3,
    retained: false,
    messages: 1,
    ratePerSecond: 1,
    atMs: 0,
    recent: [],
  })
  const answer: typeof fetch = async (input, init) => {
    const url = new URL(String(input))
    asked.push(`${url.pathname} ${new Headers(init?.headers).get('authorization')}`)
    if (url.pathname === '/metrics') return new Response('go away', { status: 401 })
    const offset = Number(url.searchParams.get('offset'))
    const count = Math.max(0, Math.min(Number(url.searchParams.get('limit')), topicCount - offset))
    const items = Array.from({ length: count }, (_, index) => topic(offset + index))
    return Response.json({ total: topicCount, matching: topicCount, items })
  }
  return { port: consolePort({ baseUrl, token: 'secret', fetch: answer }), asked }
}

describe('console port', () => {
  it('turns the pages of a long list of topics', async () => {
    const { port, asked } = consoleOf(1_100)
    const topics = await port.topics('sensoren/')
    assert.equal(new Set(topics.map(({ topic }) => topic)).size, 1_100)
    assert.equal(asked.length, 3)
  })

  it('sends the token with the scrape too, and does not take a refusal for metrics', async () => {
    const { port, asked } = consoleOf(0)
    await assert.rejects(port.metrics(), /\/metrics answered 401/)
    assert.deepEqual(asked, ['/metrics Bearer secret'])
  })
})
