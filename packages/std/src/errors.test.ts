import assert from 'node:assert/strict'
import { it } from 'node:test'
import { HawserError, hawserErrorCodes } from './errors.ts'

it('an error says what, why and how to mend it on one line', () => {
  const cause = new Error('EACCES')
  const error = new HawserError('DATA_DIR_UNUSABLE', 'cannot write to /data', { mend: 'choose another folder', cause })
  assert.equal(error.line, 'cannot write to /data; choose another folder')
  assert.equal(error.cause, cause)
  assert.equal(error.retryable, false)
  assert.equal(error.name, 'HawserError')
  assert.equal(new HawserError('DISK_FULL', 'no room', { retryable: true }).line, 'no room')
  assert.equal(new HawserError('DISK_FULL', 'no room', { retryable: true }).retryable, true)
})

it('no code stands twice', () => {
  assert.equal(new Set(hawserErrorCodes).size, hawserErrorCodes.length)
})
