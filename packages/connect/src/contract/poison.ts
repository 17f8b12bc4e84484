/** Payloads that break a sink which trusts them. */
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')

export const poisonPayloads: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from([0x00]),
  Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  utf8('plain text with "quotes", \\backslashes, {braces}, comma,\r\nand lines'),
  utf8('NaN'),
  utf8('{"value":NaN}'),
  utf8('{"value":'),
  utf8('NULL'),
  utf8('null'),
  utf8('"\\u0000"'),
  utf8('{"text":"a\\u0000b"}'),
  utf8('"\\ud800"'),
  utf8('{"big":9007199254740993}'),
  utf8('{"huge":1e400000}'),
  utf8('{\r\n  "pretty": [1,\n 2]\r\n}'),
  utf8('{"a":1,"a":2}'),
  utf8('\ufeff{"bom":true}'),
  utf8(`${'['.repeat(5_000)}${']'.repeat(5_000)}`),
  utf8(`{"long":"${'x'.repeat(100_000)}"}`),
  utf8('{"timestamp":"2099-01-01T00:00:00"}'),
  utf8('{"timestamp":"0000-00-00 99:99:99"}'),
  utf8('{"timestamp":-9e300}'),
]
