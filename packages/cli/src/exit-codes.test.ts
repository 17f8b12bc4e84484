import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { HawserError, hawserErrorCodes } from '@hawser/std'
import { exitCode } from './command.ts'
import { exitCodeOfError, failureOf } from './failure.ts'

const page = (name: string): string => readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8')

describe('exit codes', () => {
  it('stand in docs/exit-codes.md as they are', () => {
    const rows = [...page('exit-codes').matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, code, name]) => [
      name,
      Number(code),
    ])
    assert.deepEqual(rows, Object.entries(exitCode))
  })

  it('stand beside each error of docs/errors.md', () => {
    const rows = [...page('errors').matchAll(/^\| `([A-Z_]+)` \|.*\| (\d+) \|$/gm)].map(([, code, exit]) => [
      code,
      Number(exit),
    ])
    assert.deepEqual(
      Object.fromEntries(rows),
      Object.fromEntries(hawserErrorCodes.map((code) => [code, exitCode[exitCodeOfError[code]]])),
    )
  })

  it('come with one line that holds what and mend', () => {
    const error = new HawserError('PORT_IN_USE', 'port 1883 is taken', { mend: 'try another' })
    assert.deepEqual(failureOf(error), { line: 'hawser: port 1883 is taken; try another', exitCode: 4 })
  })

  it('show the stack of what was never meant to happen', () => {
    assert.match(failureOf(new TypeError('x is not a function')).line, /TypeError: x is not a function\n +at /)
  })
})
