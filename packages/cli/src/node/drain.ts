/** `hawser node drain`: sends the clients of one node away at a pace, and ends it. */
import { api } from '@hawser/admin'
import { HawserError, milliseconds, sleep } from '@hawser/std'
import { adminClient, adminFlags } from '../admin-flags.ts'
import { type CommandIo, exitCode } from '../command.ts'
import { parseFlags, refusePositionals } from '../flags.ts'

const lookEveryMs = milliseconds(200)

const { json: _, ...asked } = adminFlags

const flags = {
  rate: { kind: 'integer', value: 'N', help: 'clients a second (100)' },
  ...asked,
} as const

export async function drainNode(args: readonly string[], io: CommandIo): Promise<number> {
  const { flags: given, positionals } = parseFlags(flags, args)
  refusePositionals(positionals)
  const client = await adminClient(given, io)
  await client.call(api.drain, { body: given.rate === undefined ? {} : { rate: given.rate } })
  for (;;) {
    try {
      await client.call(api.live)
    } catch (error) {
      if (error instanceof HawserError && error.code === 'BROKER_UNREACHABLE') return exitCode.success
      throw error
    }
    await sleep(io.clock, lookEveryMs, io.signal)
  }
}
