import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { helpText, parseFlags, refusePositionals } from './flags.ts'

const specs = {
  port: { kind: 'port', help: 'where to listen', value: 'N', short: 'p' },
  host: { kind: 'text', help: 'address' },
  scale: { kind: 'list', help: 'how many' },
  seed: { kind: 'integer', help: 'seed' },
  durability: { kind: 'text', help: 'class', choices: ['memory', 'disk'] },
  json: { kind: 'switch', help: 'as JSON' },
} as const

const usageError = (message: RegExp) => (error: unknown) => {
  assert.match((error as { line: string }).line, message)
  assert.equal((error as { code: string }).code, 'USAGE')
  return true
}

describe('flags', () => {
  it('reads each kind', () => {
    const { flags, positionals } = parseFlags(specs, [
      ...['-p', '1883', '--host=::1', '--scale', 'sine=3', '--scale', 'a=1,b=2', '--seed', '7', '--json', 'word'],
    ])
    assert.deepEqual({ ...flags }, { port: 1883, host: '::1', scale: ['sine=3', 'a=1', 'b=2'], seed: 7, json: true })
    assert.deepEqual(positionals, ['word'])
  })

  it('leaves out what was not given', () => assert.deepEqual({ ...parseFlags(specs, []).flags }, {}))

  it('names the flag that was probably meant', () => {
    assert.throws(() => parseFlags(specs, ['--prot', '1']), usageError(/^unknown flag --prot; did you mean --port\?$/))
    assert.throws(() => parseFlags(specs, ['--zzzzzz']), usageError(/^unknown flag --zzzzzz; see --help$/))
  })

  it('refuses values that do not fit', () => {
    assert.throws(() => parseFlags(specs, ['--port', '70000']), usageError(/--port 70000 .*0 to 65535/))
    assert.throws(() => parseFlags(specs, ['--port', '1e3']), usageError(/--port 1e3/))
    assert.throws(() => parseFlags(specs, ['--port']), usageError(/--port needs a value; write --port N/))
    assert.throws(() => parseFlags(specs, ['--json=yes']), usageError(/--json takes no value/))
    assert.throws(() => parseFlags(specs, ['--durability', 'dsik']), usageError(/--durability dsik .*"disk"/))
    assert.throws(() => refusePositionals(['extra']), usageError(/unexpected argument "extra"/))
  })

  it('shows every flag in the help text', () => {
    const examples = [{ command: 'hawser x --port 1', does: 'does x' }]
    const text = helpText({ usage: 'hawser x [flags]', about: 'About x.', flags: specs, examples })
    assert.match(text, /^Usage: hawser x \[flags\]\n\nAbout x\.\n\nFlags:\n {2}-p, --port N +where to listen\n/)
    for (const name of Object.keys(specs)) assert.ok(text.includes(`--${name}`))
    assert.match(text, /--durability memory\|disk/)
    assert.match(text, /hawser x --port 1 {2}does x/)
  })
})
