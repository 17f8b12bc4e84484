import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { checkTopicFilter, checkTopicName, isText, parseSharedFilter } from './mod.ts'

const nameFault = (text: string): number | undefined => {
  const bytes = Buffer.from(text)
  return checkTopicName(bytes, 0, bytes.length)?.reasonCode
}

describe('topic names', () => {
  it('may be anything but empty, with a wildcard or with U+0000', () => {
    for (const good of ['a', '/', '//', ' ', '$SYS/x', 'é/€/\u{1f600}', 'a b']) assert.equal(nameFault(good), undefined)
    for (const bad of ['', '+', '#', 'a/+/b', 'a#']) assert.equal(nameFault(bad), 0x90, bad)
    assert.equal(nameFault('a\0b'), 0x81)
  })

  it('are checked within their range alone', () => {
    assert.equal(checkTopicName(Buffer.from('#ab#'), 1, 3), undefined)
  })
})

describe('topic filters', () => {
  it('have wildcards as levels of their own', () => {
    const good = ['a', '#', '+', '/', '+/+', 'a/#', '/#', 'a/+/b', '+/a/#', '$SYS/#', '$share', '$shared/a']
    for (const filter of good) assert.equal(checkTopicFilter(filter), undefined, filter)
    for (const filter of ['', 'a#', '#/', '#/a', '##', 'a/#/b', 'a+', '+a', 'a/+b/c', 'a/b+/c', '++', 'a/#b'])
      assert.equal(checkTopicFilter(filter)?.reasonCode, 0x8f, filter)
  })

  it('are taken apart where they are shared', () => {
    assert.deepEqual(parseSharedFilter('$share/g/a/b'), { group: 'g', filter: 'a/b' })
    assert.deepEqual(parseSharedFilter('$share/g//a'), { group: 'g', filter: '/a' })
    assert.deepEqual(parseSharedFilter('$share/g/#'), { group: 'g', filter: '#' })
    for (const filter of ['a', '$share', '$share/', '$share/g', '$share/g/', '$share//a', '$share/+/a', '$share/g#/a'])
      assert.equal(parseSharedFilter(filter), undefined, filter)
    assert.equal(checkTopicFilter('$share/g/a/+/#'), undefined)
    for (const filter of ['$share/', '$share/g', '$share/g/', '$share//a', '$share/+/a', '$share/g/a#'])
      assert.equal(checkTopicFilter(filter)?.reasonCode, 0x8f, filter)
  })
})

describe('text', () => {
  it("is what the platform's strict decoder takes, without U+0000", () => {
    const strict = new TextDecoder('utf-8', { fatal: true })
    const decodes = (bytes: Uint8Array): boolean => {
      try {
        return !strict.decode(bytes).includes('\0')
      } catch {
        return false
      }
    }
    const lead = fc.constantFrom(0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef)
    const high = fc.constantFrom(0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff)
    const middle = fc.constantFrom(0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf)
    const bytes = fc.array(fc.oneof(lead, high, middle, middle, middle), { maxLength: 6 })
    fc.assert(
      fc.property(bytes, (values) => {
        const buffer = Buffer.from(values)
        assert.equal(isText(buffer, 0, buffer.length), decodes(buffer), buffer.toString('hex'))
      }),
      { numRuns: 20_000 },
    )
  })

  it('takes every code point but U+0000 and the surrogates', () => {
    const edges = [1, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xffff, 0x10000, 0x10ffff]
    for (const point of edges) {
      const bytes = Buffer.from(String.fromCodePoint(point))
      assert.equal(isText(bytes, 0, bytes.length), true, point.toString(16))
      for (let cut = 1; cut < bytes.length; cut++) assert.equal(isText(bytes, 0, cut), false, `${point} cut at ${cut}`)
    }
  })
})
