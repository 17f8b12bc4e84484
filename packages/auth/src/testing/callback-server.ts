/** A service of an operator's, as the test wants it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CallbackServer extends AsyncDisposable {
  readonly url: URL
  readonly questions: Readonly<Record<string, unknown>>[]
  readonly authorizations: (string | undefined)[]
  /** What is answered; undefined: the connection is torn down. */
  verdict: (question: Readonly<Record<string, unknown>>) => unknown
  status: number
  /** Answers wait until they are let go. */
  held: (() => void)[] | undefined
}

export async function callbackServer(verdict: CallbackServer['verdict']): Promise<CallbackServer> {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    const question = JSON.parse(text) as Readonly<Record<string, unknown>>
    state.questions.push(question)
    state.authorizations.push(request.headers.authorization)
    if (state.held !== undefined) await new Promise<void>((resolve) => state.held?.push(resolve))
    const answer = state.verdict(question)
    if (answer === undefined) request.socket.destroy()
    else response.writeHead(state.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const state: CallbackServer = {
    url: new URL(`http://127.0.0.1:${port}/verdict`),
    questions: [],
    authorizations: [],
    verdict,
    status: 200,
    held: undefined,
    async [Symbol.asyncDispose]() {
      for (const release of state.held ?? []) release()
      state.held = undefined
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return state
}
