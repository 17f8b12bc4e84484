import assert from 'node:assert/strict'
import { appendFile, cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { ensureWebBuilt } from './ensure-web-built.ts'

const realSources = join(import.meta.dirname, '../web')

/** Inside the package, so that the page's libraries are found from there. */
async function copyOfSources() {
  const output = await temporaryFolder()
  const sources = join(import.meta.dirname, '../../dist', `.copy-${basename(output.path)}`)
  await mkdir(sources, { recursive: true })
  await cp(realSources, sources, { recursive: true })
  return {
    sources,
    output: output.path,
    async [Symbol.asyncDispose]() {
      await rm(sources, { recursive: true, force: true })
      await output[Symbol.asyncDispose]()
    },
  }
}

describe('the page’s build', () => {
  it('is made once, also by several at once, and again only when a source has changed', async () => {
    await using place = await copyOfSources()
    const [first, same] = await Promise.all([ensureWebBuilt(place), ensureWebBuilt(place)])
    assert.equal(first, same)
    assert.match(await readFile(join(first, 'index.html'), 'utf8'), /assets\/index-.*\.js/)
    assert.deepEqual(await readdir(place.output), [basename(first)], 'nothing unfinished is left')
    assert.equal(await ensureWebBuilt(place), first)

    await appendFile(join(place.sources, 'format.ts'), '\nexport const added = 1\n')
    assert.notEqual(await ensureWebBuilt(place), first)
  })

  it('says what is wrong with a source, and leaves nothing behind', async () => {
    await using place = await copyOfSources()
    await appendFile(join(place.sources, 'main.tsx'), '\nconst = broken\n')
    await assert.rejects(ensureWebBuilt(place), /building the console's page failed: [\s\S]*main\.tsx/)
    assert.deepEqual(await readdir(place.output), [])
  })

  it('loads nothing from elsewhere', async () => {
    const root = await ensureWebBuilt()
    const files = await readdir(root, { recursive: true })
    for (const file of files.filter((name) => /\.(html|css)$/.test(name))) {
      assert.doesNotMatch(await readFile(join(root, file), 'utf8'), /(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?\/\//)
    }
  })
})
