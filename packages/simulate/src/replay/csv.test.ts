import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '@hawser/std/testing'
import { type CsvRecord, csvRecords } from './csv.ts'
import { Pace } from './pace.ts'
import { RowFormat, type RowFormatOptions } from './row-format.ts'

async function parse(text: string, chunkCharacters = text.length): Promise<readonly CsvRecord[]> {
  async function* chunks(): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += chunkCharacters) yield text.slice(at, at + chunkCharacters)
  }
  const records: CsvRecord[] = []
  for await (const batch of csvRecords(chunks())) records.push(...batch)
  return records
}

const payloads = async (text: string, options: RowFormatOptions = {}): Promise<readonly string[]> => {
  const [header, ...rows] = await parse(text)
  assert.ok(header !== undefined)
  const format = new RowFormat(header, options)
  return rows.map((record) => format.row(record).payload)
}

describe('CSV', () => {
  const text = '\uFEFFa,b,c\r\n1,"two, and ""half""",\n\n"x\ny",2,3\n4,5,6'
  const fields = [
    ['a', 'b', 'c'],
    ['1', 'two, and "half"', ''],
    ['x\ny', '2', '3'],
    ['4', '5', '6'],
  ]

  it('is the same however it is cut into chunks', async () => {
    for (let size = 1; size <= text.length; size++) {
      const records = await parse(text, size)
      assert.deepEqual(
        records.map((record) => record.fields),
        fields,
      )
    }
  })

  it('names the line of a fault', async () => {
    assert.deepEqual(
      (await parse(text)).map(({ line }) => line),
      [1, 2, 4, 6],
    )
    await assert.rejects(parse('a\n"b\nc'), /line 2 is no CSV: a quote is never closed/)
    await assert.rejects(parse('a\n"b"c\n'), /line 2 is no CSV: text follows a closing quote/)
    await assert.rejects(parse(`a\n"${'b\n'.repeat(600_000)}`, 65_536), /never closed/)
  })
})

describe('row format', () => {
  it('leaves numbers the text that they are in the file', async () => {
    assert.deepEqual(await payloads('t,v\n2013-12-02 21:15:00,74.93588199999998\n007,-1.50e3\n,NaN\n'), [
      '{"t":"2013-12-02 21:15:00","v":74.93588199999998}',
      '{"t":"007","v":-1.50e3}',
      '{"t":null,"v":"NaN"}',
    ])
  })

  it('gives a first column without a name one', async () => {
    const text = '"date","Temperature"\n"140","2015-02-02 14:19:00",23.7\n'
    assert.deepEqual(await payloads(text), ['{"row":140,"date":"2015-02-02 14:19:00","Temperature":23.7}'])
    assert.deepEqual(await payloads(',b\n1,2\n'), ['{"row":1,"b":2}'])
  })

  it('publishes the chosen columns, in the order chosen', async () => {
    assert.deepEqual(await payloads('a,b,c\n1,2,3\n', { columns: ['c', 'a'] }), ['{"c":3,"a":1}'])
  })

  it('refuses rows and columns that do not fit', async () => {
    await assert.rejects(payloads('a,b\n1,2\n1,2,3\n'), /line 3 is no CSV: it has 3 fields instead of 2/)
    await assert.rejects(payloads('a,a\n1,2\n'), /two columns are called "a"/)
    await assert.rejects(payloads('a,b\n1,2\n', { columns: ['d'] }), /the file has no column "d"/)
    await assert.rejects(payloads('a,b\nsoon,2\n', { timeColumn: 'a' }), /line 2 is no CSV: "soon" is no time/)
  })

  it('reads times with and without a zone, and Unix seconds', async () => {
    const [header, ...rows] = await parse('t\n2015-02-02 14:19:59\n2015-02-02T14:19:59+01:00\n1422886799.5\n')
    assert.ok(header !== undefined)
    const format = new RowFormat(header, { timeColumn: 't' })
    const naive = Date.UTC(2015, 1, 2, 14, 19, 59) * 1000
    assert.deepEqual(
      rows.map((record) => format.row(record).at),
      [naive, naive - 3_600_000_000, 1_422_886_799_500_000],
    )
  })
})

describe('pace', () => {
  it('is the recording at so many times its speed; a step back takes no time', () => {
    const clock = new ManualClock(0)
    const pace = new Pace(clock, 100)
    const at = (seconds: number) => pace.delay((seconds * 1_000_000) as Parameters<Pace['delay']>[0])
    assert.equal(at(0), 0)
    assert.equal(at(300), 3_000)
    clock.advance(3_000)
    assert.equal(at(0), 0)
    assert.equal(at(100), 1_000)
    clock.advance(5_000)
    assert.equal(at(200), 0)
  })
})
