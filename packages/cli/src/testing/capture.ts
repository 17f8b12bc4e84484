/** A command's world whose output is kept. */
import { PassThrough, Writable } from 'node:stream'
import { disposable, seededRandom, systemClock } from '@hawser/std'
import type { CommandIo } from '../command.ts'

export interface Capture {
  readonly io: CommandIo
  stdout(): string
  stderr(): string
}

export function capture(env: CommandIo['env'] = {}): Capture {
  const stdout: string[] = []
  const stderr: string[] = []
  const { signal } = new AbortController()
  const io = {
    stdin: new PassThrough(),
    stdout: into(stdout),
    stderr: into(stderr),
    env,
    signal,
    onHangUp: () => disposable(() => undefined),
    clock: systemClock,
    random: seededRandom(1),
  }
  return { io, stdout: () => stdout.join(''), stderr: () => stderr.join('') }
}

const into = (chunks: string[]): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString())
      done()
    },
  })
