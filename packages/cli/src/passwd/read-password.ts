/** A password from the terminal, unseen, or as the first line of what is piped in. */
import type { Readable } from 'node:stream'
import { HawserError } from '@hawser/std'
import type { CommandIo } from '../command.ts'

interface Terminal extends Readable {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
}

const bytesMax = 1 << 20

export async function readPassword(io: CommandIo, user: string): Promise<string> {
  const stdin: Terminal = io.stdin
  if (stdin.isTTY !== true) return firstLine(await readAll(io))
  const password = await typed(stdin, io, `Password of ${user}: `)
  const again = await typed(stdin, io, 'Once more: ')
  if (password === again) return password
  throw new HawserError('USAGE', 'the two passwords differ', { mend: 'nothing was changed: try again' })
}

export async function readAll({ stdin }: CommandIo): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk as Uint8Array))
    size += (chunk as Uint8Array).length
    if (size > bytesMax) throw new HawserError('USAGE', `more than ${bytesMax} bytes on stdin`, { mend: 'split them' })
  }
  return Buffer.concat(chunks).toString('utf8')
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? ''

const endOfTransmission = '\x04'
const enter: readonly string[] = ['\r', '\n', endOfTransmission]
const interrupt = '\x03'
const erase: readonly string[] = ['\x7f', '\b']

function typed(stdin: Terminal, io: CommandIo, prompt: string): Promise<string> {
  io.stderr.write(prompt)
  stdin.setRawMode?.(true)
  stdin.resume()
  return new Promise((resolve, reject) => {
    let text = ''
    const end = (settle: () => void): void => {
      stdin.off('data', take)
      stdin.setRawMode?.(false)
      stdin.pause()
      io.stderr.write('\n')
      settle()
    }
    const take = (chunk: Buffer): void => {
      for (const letter of chunk.toString('utf8')) {
        if (letter === interrupt) {
          return end(() => reject(new HawserError('USAGE', 'interrupted', { mend: 'nothing was changed' })))
        }
        if (enter.includes(letter)) return end(() => resolve(text))
        text = erase.includes(letter) ? [...text].slice(0, -1).join('') : text + letter
      }
    }
    stdin.on('data', take)
  })
}
