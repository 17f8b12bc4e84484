import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { api, type Route } from '@hawser/admin'
import { Validator } from '@seriousme/openapi-schema-validator'
import { testConsole } from '../testing/test-console.ts'

describe('OpenAPI', () => {
  it('is valid by the specification’s own schema and describes every route', async () => {
    await using harness = await testConsole()
    const document = await (await harness.get('/api/openapi.json')).json()
    const result = await new Validator().validate(structuredClone(document))
    assert.deepEqual(result.valid ? [] : result.errors, [])
    for (const route of Object.values<Route>(api)) {
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
      const operation = document.paths[path]?.[route.method.toLowerCase()]
      assert.ok(operation, path)
      assert.equal(operation.security !== undefined, route.access === 'change', path)
    }
  })

  it('refers only to what is there, and lets defaults be left out of bodies', async () => {
    await using harness = await testConsole()
    const text = await (await harness.get('/api/openapi.json')).text()
    const { components } = JSON.parse(text)
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name)
    assert.ok(references.length > 20)
    for (const name of references) assert.ok(components.schemas[name], name)
    assert.equal(text.match(/"\$ref":"(?!#\/components\/schemas\/)/), null)
    assert.deepEqual(components.schemas.PublishCommand.required, ['topic', 'payload'])
    assert.ok(components.schemas.LiveMessage)
  })
})
