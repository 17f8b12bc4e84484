/** What is published where it is one message, and standard input by lines where it is many. */
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { RunRefusal } from '../refusal.ts'
import type { PayloadSource } from '../settings.ts'

/** The largest remaining length of a packet. [MQTT-1.5.5-1] */
export const payloadBytesMax = 268_435_455

export async function wholePayload(
  source: Exclude<PayloadSource, { kind: 'stdin-lines' }>,
  stdin: Readable,
): Promise<Buffer> {
  switch (source.kind) {
    case 'text':
      return bounded(Buffer.from(source.text))
    case 'file':
      return bounded(await fileContent(source.path))
    case 'empty':
      return Buffer.alloc(0)
    case 'stdin-whole':
      return everything(stdin)
    default:
      throw source satisfies never
  }
}

async function fileContent(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new RunRefusal(`Error: Unable to open file "${path}".\nError loading input file "${path}".`, 1, error)
  }
}

async function everything(stdin: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk))
    length += chunk.length
    if (length > payloadBytesMax) throw tooLong()
  }
  if (length === 0) throw new RunRefusal('Error: Zero length input.\nError loading input from stdin.')
  return Buffer.concat(chunks)
}

/** The lines of each chunk as it comes: nobody reads on before the last ones are taken. */
export async function* lineBatches(stdin: Readable): AsyncGenerator<readonly Buffer[]> {
  let begun: Buffer[] = []
  let begunBytes = 0
  for await (const given of stdin) {
    const chunk = Buffer.from(given)
    const lines: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      const rest = chunk.subarray(start, end)
      lines.push(begun.length === 0 ? rest : Buffer.concat([...begun, rest]))
      begun = []
      begunBytes = 0
      start = end + 1
    }
    if (start < chunk.length) begun.push(chunk.subarray(start))
    begunBytes += chunk.length - start
    if (begunBytes > payloadBytesMax) throw tooLong()
    if (lines.length > 0) yield lines
  }
  if (begun.length > 0) yield [Buffer.concat(begun)]
}

function bounded(payload: Buffer): Buffer {
  if (payload.length > payloadBytesMax) throw tooLong()
  return payload
}

const tooLong = (): RunRefusal => new RunRefusal(`Error: Message length must be less than ${payloadBytesMax} bytes.`)
