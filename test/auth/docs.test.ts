/** The examples of the pages on authentication and authorization are configurations that are taken. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { rulesOf } from '../../packages/auth/src/claims/claims.ts'
import { checkConfigurationText } from '../../packages/cli/src/config/yaml-file.ts'

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8')

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block)

describe('the pages on who may come in and do what', () => {
  for (const name of ['authentication', 'authorization']) {
    for (const [index, block] of blocks(page(name), 'yaml').entries()) {
      it(`${name}: configuration ${index + 1}`, () => assert.deepEqual(checkConfigurationText(name, block).faults, []))
    }
  }

  for (const [index, block] of blocks(page('authorization'), 'json').entries()) {
    it(`authorization: claim ${index + 1}`, () => {
      const { acl } = JSON.parse(block) as { readonly acl: unknown }
      assert.ok((rulesOf(acl)?.length ?? 0) > 0)
    })
  }
})
