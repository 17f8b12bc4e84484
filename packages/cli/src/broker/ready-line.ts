/** The one line on stdout that says that clients may come, and where. */
import { type Configuration, durabilityOf } from '../config/configuration.ts'
import { at } from '../up/screen.ts'

export interface ReadyDoor {
  readonly protocol: string
  readonly host: string
  readonly port: number
  readonly socketPath?: string | undefined
}

/** `further`: what else is to be told, as NAME=VALUE. */
export function readyLine(
  name: string,
  urls: readonly string[],
  configuration: Pick<Configuration, 'engine' | 'log'>,
  further: readonly string[] = [],
): string {
  return `hawser ${[name, 'ready:', ...urls, `durability=${durabilityOf(configuration)}`, ...further].join(' ')}\n`
}

export const doorUrl = ({ protocol, host, port, socketPath }: ReadyDoor): string =>
  socketPath === undefined ? `${protocol}://${at({ host, port })}` : `${protocol}+unix:${socketPath}`
