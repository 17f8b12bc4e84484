/** What Tahu has encoded is decoded to what it was made from. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deflateSync } from 'node:zlib'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { rebirthCommand } from '../rebirth.ts'
import { tahuPayload } from '../testing/payloads.ts'
import { decodePayload } from './decode.ts'
import { openPayload } from './inflate.ts'
import { jsonText, metricValue } from './value.ts'

const time = 1_700_000_000_000

function valuesOf(bytes: Uint8Array): string {
  const { metrics } = openPayload(bytes)
  return jsonText(
    Object.fromEntries(metrics.map((metric) => [metric.name ?? '', metricValue(metric, metric.dataType)])),
  )
}

describe('a payload of Tahu', () => {
  it('has each scalar as it was, numbers digit by digit', () => {
    const payload = decodePayload(tahuPayload('scalars'))
    assert.deepEqual([payload.seq, payload.timestamp, payload.metrics[3]?.alias], [0n, BigInt(time), 4n])
    assert.equal(
      valuesOf(tahuPayload('scalars')),
      '{"int8":-5,"int16":-300,"int32":-70000,"int64":-9007199254740993,"uint8":200,"uint16":60000,' +
        '"uint32":4000000000,"uint64":18446744073709551615,"float":1.1,"double":1.1,"nan":"NaN","boolean":true,' +
        '"string":"grüße","date":"2025-06-18T10:47:25.054Z","text":"long text",' +
        '"uuid":"123e4567-e89b-12d3-a456-426614174000","bytes":"AP8=","null":null}',
    )
  })

  it('has tables, templates and arrays', () => {
    assert.equal(
      valuesOf(tahuPayload('data_set')),
      '{"table":{"columns":["n","ok","who"],"rows":[[-1,true,"a"],[2,false,"b"]]}}',
    )
    assert.equal(
      valuesOf(tahuPayload('template')),
      '{"motor":{"template":"Motor","metrics":{"rpm":1200},"parameters":{"poles":4}}}',
    )
    assert.equal(
      valuesOf(tahuPayload('arrays')),
      '{"int8s":[-1,1],"int16s":[-300,300],"int64s":[-9007199254740993],"floats":[1.1,-0.5],' +
        '"booleans":[true,false,true,false,false,false,false,false,false,true],"strings":["one","two"],' +
        '"dates":["2025-06-18T10:47:25.054Z"]}',
    )
  })

  it('is found within a compressed one, whose sequence number counts', () => {
    const algorithm = new BinaryWriter()
    algorithm.tag(1, WireType.LengthDelimited).string('algorithm')
    algorithm.tag(15, WireType.LengthDelimited).string('DEFLATE')
    const outer = new BinaryWriter()
    outer.tag(2, WireType.LengthDelimited).bytes(algorithm.finish())
    outer.tag(3, WireType.Varint).uint64(17)
    outer.tag(4, WireType.LengthDelimited).string('SPBV1.0_COMPRESSED')
    outer.tag(5, WireType.LengthDelimited).bytes(deflateSync(tahuPayload('data_set')))
    const payload = openPayload(outer.finish())
    assert.deepEqual([payload.seq, payload.metrics[0]?.name], [17n, 'table'])
  })

  it('is the command that we send, byte for byte', () => {
    assert.deepEqual(rebirthCommand(time), tahuPayload('rebirth'))
  })

  it('is refused where it is cut off, or is none', () => {
    const whole = tahuPayload('scalars')
    // Cut between two fields it is a shorter payload; anywhere else none.
    let refused = 0
    for (let length = 0; length < whole.length; length++) {
      try {
        valuesOf(whole.subarray(0, length))
      } catch {
        refused++
      }
    }
    assert.ok(refused > whole.length * 0.8, `${refused} of ${whole.length}`)
    assert.throws(() => decodePayload(Buffer.from('{"no":"protobuf"}')))
  })
})
