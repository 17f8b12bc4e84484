/** Which data folder a command is about: as for the broker, by flag, HAWSER_ variable or file. */
import type { CommandIo } from '../command.ts'
import type { FlagValues } from '../flags.ts'
import { serverConfiguration, serverSources } from '../shared-flags.ts'

export const dataFolderFlags = {
  'data-dir': { kind: 'text', value: 'DIR', help: 'the data folder (.hawser)' },
  config: { kind: 'text', value: 'FILE', help: 'YAML file that may name it' },
  json: { kind: 'switch', help: 'print JSON' },
} as const

export async function dataFolderOf(given: FlagValues<typeof dataFolderFlags>, env: CommandIo['env']): Promise<string> {
  const { dataDir } = await serverConfiguration(serverSources(given, undefined, {}), env)
  return dataDir
}

/** MiB with one digit, or bytes where that would be nothing. */
export const sizeText = (bytes: number): string =>
  bytes < 1 << 20 ? `${bytes} bytes` : `${(bytes / 2 ** 20).toFixed(1)} MiB`
