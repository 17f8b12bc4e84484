import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { countCalls } from './disk-use.ts'

describe('the count of what is written', () => {
  it('takes calls in one line and in two, and leaves out what failed', () => {
    const trace = [
      '11 pwrite64(21, ""..., 4096, 0) = 4096',
      '12 fdatasync(21 <unfinished ...>',
      '11 pwritev(22, [{iov_base=""..., iov_len=64}], 1, 128) = 64',
      '12 <... fdatasync resumed>)      = 0',
      '11 pwrite64(21, ""..., 10, 0) = -1 ENOSPC (No space left on device)',
      '11 +++ exited with 0 +++',
    ].join('\n')
    assert.deepEqual(countCalls(trace), { bytes: 4160, syncs: 1 })
  })
})
