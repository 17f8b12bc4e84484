/** The page's files. They may still be in the making when the server starts: until then a page says so and waits. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { nothingAt } from './rest/refused.ts'

/** Reloads itself by a header, since the page's rules allow no script in the document. */
const waitingPage = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>Hawser</title>
  <h1>Hawser</h1>
  <p>The console's page is being built; it opens by itself in a moment.</p>
</html>
`

type Files =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'built'; readonly root: string }
  | { readonly kind: 'failed'; readonly message: string }

/** Says how far the files are; a failed build is reported once and does not stop the server. */
export function pageFiles(webRoot: string | Promise<string>, report: (error: unknown) => void): () => Files {
  let files: Files = typeof webRoot === 'string' ? { kind: 'built', root: webRoot } : { kind: 'waiting' }
  Promise.resolve(webRoot).then(
    (root) => {
      files = { kind: 'built', root }
    },
    (error: unknown) => {
      files = { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
      report(error)
    },
  )
  return () => files
}

export async function servePage(app: FastifyInstance, state: () => Files): Promise<void> {
  await app.register(fastifyStatic, { serve: false })
  app.get('/*', async (request, reply) => {
    const path = (request.params as { readonly '*': string })['*']
    const files = state()
    switch (files.kind) {
      case 'waiting':
        if (path === '') return waiting(reply)
        throw nothingAt(request)
      case 'failed':
        return failed(reply, files.message)
      case 'built':
        if (path === '') return file(reply, files.root, 'index.html')
        // Asked before sending, so that what is not there is refused as everything else is.
        if (await isFile(join(files.root, path))) return file(reply, files.root, path)
        throw nothingAt(request)
      default:
        throw files satisfies never
    }
  })
}

function file(reply: FastifyReply, root: string, path: string): FastifyReply {
  // The build names these by their content.
  if (path.startsWith('assets/')) return reply.sendFile(path, root, { maxAge: '365d', immutable: true })
  return reply.header('cache-control', 'no-cache').sendFile(path, root, { cacheControl: false })
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

function waiting(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .headers({ refresh: '1', 'retry-after': '1' })
    .type('text/html; charset=utf-8')
    .send(waitingPage)
}

function failed(reply: FastifyReply, message: string): FastifyReply {
  return reply
    .code(500)
    .type('text/plain; charset=utf-8')
    .send(`The console's page could not be built: ${message}\nThe REST interface works all the same.\n`)
}
