import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { optionTables } from './documentation.ts'
import { optionGroups, optionNames, optionOf, options } from './table.ts'

describe('options of mosquitto.conf', () => {
  it('stand in docs/mosquitto.md as the table has them', () => {
    const page = readFileSync(new URL('../../../../docs/mosquitto.md', import.meta.url), 'utf8')
    const [, tables] = /<!-- options -->\n\n([\s\S]*?)\n\n<!-- end of options -->/.exec(page) ?? []
    assert.equal(tables, optionTables())
  })

  it('have each name once', () => {
    const names = options.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    assert.deepEqual(names.toSorted(), [...new Set(names)].toSorted())
    assert.equal(optionNames.length, names.length - 2, 'the two prefixes are no names')
  })

  it('are found by a prefix only with something behind it', () => {
    assert.equal(optionOf('plugin_opt_db')?.name, 'plugin_opt_')
    assert.equal(optionOf('auth_opt_db')?.name, 'plugin_opt_')
    assert.equal(optionOf('plugin_opt_'), undefined)
  })

  it('about security are never skipped', () => {
    const guarded = optionGroups
      .filter(({ title }) => ['TLS', 'Who may do what', 'Plugins'].includes(title))
      .flatMap((group) => group.options)
      // Its successor chooses what is safe by itself.
      .filter(({ name }) => name !== 'dhparamfile')
    assert.deepEqual(
      guarded.filter(({ verdict }) => verdict.kind === 'harmless').map(({ name }) => name),
      [],
    )
  })
})
