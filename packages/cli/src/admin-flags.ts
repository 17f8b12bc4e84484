/** Flags of commands that talk to a running Hawser through REST. */
import { readFile } from 'node:fs/promises'
import { AdminClient } from '@hawser/admin'
import { HawserError } from '@hawser/std'
import type { CommandIo } from './command.ts'
import { tokenPath } from './composition/token.ts'
import { loadConfiguration } from './config/load.ts'

export const adminFlags = {
  'http-port': { kind: 'port', value: 'N', help: 'port of REST on this machine (8080)' },
  url: { kind: 'text', value: 'URL', help: 'address of REST, in place of --http-port' },
  'data-dir': { kind: 'text', value: 'DIR', help: 'folder with the token that changes need (.hawser)' },
  config: { kind: 'text', value: 'FILE', help: 'the file that the running one was given' },
  json: { kind: 'switch', help: 'print JSON' },
} as const

export interface AdminFlagValues {
  readonly 'http-port'?: number | undefined
  readonly url?: string | undefined
  readonly 'data-dir'?: string | undefined
  readonly config?: string | undefined
}

export async function adminClient(given: AdminFlagValues, { env, signal }: CommandIo): Promise<AdminClient> {
  const flags = { dataDir: given['data-dir'], http: { port: given['http-port'] } }
  const { http, dataDir } = await loadConfiguration({ file: given.config, env, flags })
  const host = http.host.includes(':') ? `[${http.host}]` : http.host
  const token = await readFile(tokenPath(dataDir), 'utf8').catch(() => undefined)
  if (token === undefined) {
    throw new HawserError('USAGE', `there is no token in ${dataDir}`, {
      mend: 'give --data-dir or --config as the running one was given',
    })
  }
  return new AdminClient({ baseUrl: given.url ?? `http://${host}:${http.port}`, token: token.trim(), signal })
}
