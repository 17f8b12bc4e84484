/** The two that are compared: Mosquitto's client as a process, ours through its command in this process. */
import { PassThrough, Writable } from 'node:stream'
import { seededRandom, systemClock } from '@hawser/std'
import { runHawser } from '../../packages/cli/src/main.ts'
import type { Finished } from '../support/programs.ts'
import { type Places, startBounded } from './broker.ts'

export type ClientName = 'pub' | 'sub'

export interface Side {
  readonly name: 'theirs' | 'ours'
  run(client: ClientName, args: readonly string[], stdin?: string, env?: Record<string, string>): Promise<Finished>
}

export const theirs: Side = {
  name: 'theirs',
  run: (client, args, stdin = '', env = {}) => {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    return startBounded('env', [...settings, `mosquitto_${client}`, ...args], stdin).finished
  },
}

export const ours: Side = {
  name: 'ours',
  async run(client, args, stdin = '', env = {}) {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    const input = new PassThrough()
    input.end(stdin)
    const io = {
      stdin: input,
      stdout: into(stdout),
      stderr: into(stderr),
      env,
      signal: new AbortController().signal,
      onHangUp: () => new DisposableStack(),
      clock: systemClock,
      random: seededRandom(1),
    }
    const code = await runHawser([client, ...args], io)
    return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
  },
}

export const sides: readonly Side[] = [theirs, ours]

const into = (chunks: Buffer[]): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })

/** Names in capitals become what they stand for; `{side}` tells the clients of both sides apart. */
export function placed(args: readonly string[], places: Places, side: Side): string[] {
  return args.map((arg) =>
    arg.replace(/\{(\w+)\}/g, (whole, name: string) =>
      name === 'side' ? side.name : (places[name as keyof Places] ?? whole),
    ),
  )
}

/** Complaints without the client's own name and without empty lines. */
export const complaintLines = (stderr: string): string[] =>
  stderr
    .replace(/'(mosquitto_|hawser )(pub|sub) --help'/g, "'$2 --help'")
    .split('\n')
    .filter((line) => line !== '')
