/** `hawser connector dry-run`: what would leave next, printed. */
import { type AdminClient, api, type DryMessageView } from '@hawser/admin'
import { type CommandIo, exitCode } from '../command.ts'
import type { ConnectorFlags } from './command.ts'

export async function printDryRun(
  client: AdminClient,
  name: string,
  { limit, json }: ConnectorFlags,
  io: CommandIo,
): Promise<number> {
  const query = limit === undefined ? {} : { limit }
  const { messages } = await client.call(api.dryRunConnector, { params: { name }, query })
  const text = messages.length === 0 ? 'nothing waits' : messages.map(lineOf).join('\n')
  io.stdout.write(`${json ? JSON.stringify(messages) : text}\n`)
  return exitCode.success
}

function lineOf({ eventId, topic, outcome, rule, route, reason, payload }: DryMessageView): string {
  const by = rule === null ? '' : ` by ${rule}`
  const to = route === null ? '' : `, route ${route}`
  const what = outcome === 'passed' ? payload : (reason ?? '')
  return `${eventId} ${topic}: ${outcome}${by}${to}${what === '' ? '' : `: ${what}`}`
}
