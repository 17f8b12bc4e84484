/** Every example runs, ends by itself, and says what its page says that it shows. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const folder = new URL('../../examples/', import.meta.url).pathname
const run = promisify(execFile)

const shown: Readonly<Record<string, readonly RegExp[]>> = {
  'hooks.ts': [/Bad User Name or Password/, /^devices\/pump-7\/pressure 4\.2$/m, /Not authorized/, /^session-ended/m],
  'durable-inbox.ts': [/away: true/, /after a restart: orders\/1 open the valve/],
  'beside-http.ts': [/http: hello/, /mqtt over websocket: from tcp/],
}

describe('examples', () => {
  it('are all known here', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
    assert.deepEqual(files.sort(), Object.keys(shown).sort())
  })

  for (const [name, patterns] of Object.entries(shown)) {
    it(`${name} runs and shows it`, async () => {
      const { stdout } = await run(process.execPath, [`${folder}${name}`], { timeout: 60_000 })
      for (const pattern of patterns) assert.match(stdout, pattern)
    })
  }
})
