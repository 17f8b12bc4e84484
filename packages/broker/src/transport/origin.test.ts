import assert from 'node:assert/strict'
import { it } from 'node:test'
import { servedHere } from './origin.ts'

it('a page may connect to the address that served it, and no other page', () => {
  for (const [origin, host, allowed] of [
    ['http://127.0.0.1:8080', '127.0.0.1:9001', true],
    ['http://localhost:8080', 'localhost:9001', true],
    ['http://[::1]:8080', '[::1]:9001', true],
    ['http://192.0.2.7', '192.0.2.7:9001', true],
    ['http://evil.example', '127.0.0.1:9001', false],
    // The name of the attacker points here: origin and host agree, and must not do.
    ['http://evil.example:9001', 'evil.example:9001', false],
    ['http://localhost:8080', '127.0.0.1:9001', false],
    ['null', '127.0.0.1:9001', false],
    ['', '', false],
  ] as const) {
    assert.equal(servedHere(origin, host), allowed, `${origin} to ${host}`)
  }
})
