import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { testConsole } from './testing/test-console.ts'

async function builtPage() {
  const folder = await temporaryFolder()
  const root = join(folder.path, 'page')
  await mkdir(join(root, 'assets'), { recursive: true })
  await writeFile(join(root, 'index.html'), '<title>the page</title>')
  await writeFile(join(root, 'assets/a-1.js'), 'export {}')
  await writeFile(join(folder.path, 'secret.txt'), 'not for anybody')
  return { root, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

describe('the page', () => {
  it('is served with rules that keep it to itself; hashed files may be kept, the document not', async () => {
    await using page = await builtPage()
    await using harness = await testConsole({ webRoot: page.root })
    const document = await harness.get('/')
    assert.equal(await document.text(), '<title>the page</title>')
    assert.equal(document.headers.get('cache-control'), 'no-cache')
    assert.match(document.headers.get('content-security-policy') ?? '', /script-src 'self'/)
    const script = await harness.get('/assets/a-1.js')
    assert.match(script.headers.get('content-type') ?? '', /javascript/)
    assert.match(script.headers.get('cache-control') ?? '', /immutable/)
  })

  it('gives nothing outside its folder', async () => {
    await using page = await builtPage()
    await using harness = await testConsole({ webRoot: page.root })
    for (const path of ['/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt', '/assets', '/none']) {
      const response = await harness.get(path)
      assert.ok(response.status >= 400, path)
      assert.doesNotMatch(await response.text(), /not for anybody/)
    }
  })

  it('says that it is being built, while REST answers', async () => {
    await using page = await builtPage()
    const { promise, resolve } = Promise.withResolvers<string>()
    await using harness = await testConsole({ webRoot: promise })
    const waiting = await harness.get('/')
    assert.equal(waiting.status, 503)
    assert.equal(waiting.headers.get('refresh'), '1')
    assert.equal((await harness.get('/health')).status, 200)
    resolve(page.root)
    await promise
    assert.equal((await harness.get('/')).status, 200)
  })

  it('says why it could not be built, and reports it', async () => {
    await using harness = await testConsole({ webRoot: Promise.reject(new Error('a source is broken')) })
    const response = await harness.get('/')
    assert.equal(response.status, 500)
    assert.match(await response.text(), /a source is broken/)
    assert.match(String(harness.reported[0]), /a source is broken/)
  })

  it('says which port is in use', async () => {
    await using harness = await testConsole()
    await assert.rejects(testConsole({ port: harness.server.port }), { code: 'PORT_IN_USE' })
  })
})
