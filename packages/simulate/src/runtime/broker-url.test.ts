import assert from 'node:assert/strict'
import { it } from 'node:test'
import { addressOf, shownUrl } from './broker-url.ts'

it('parts the login from the address, whatever is in it, and shows none', () => {
  const url = 'mqtt://site%207:a%3Ab%2Fc%40d@h:2883'
  assert.deepEqual(addressOf(url), { url: 'mqtt://h:2883', username: 'site 7', password: 'a:b/c@d' })
  assert.deepEqual(addressOf('mqtt://h:2883'), { url: 'mqtt://h:2883' })
  assert.equal(shownUrl(url), 'mqtt://h:2883')
})
