/** What an operator says to a connector by name. */
import type { DeadLetterView, DryMessageView, ReplayReport, SeekCommand } from '@hawser/admin'
import type { ConnectorRun, SeekTarget } from '@hawser/connect'
import { partition, position } from '@hawser/engine'
import { epochMicros, HawserError } from '@hawser/std'
import type { WatchedConnector } from './connector-snapshot.ts'
import { dryView } from './dry-view.ts'

export class ConnectorDesk {
  readonly #connectors: readonly WatchedConnector[]

  constructor(connectors: readonly WatchedConnector[]) {
    this.#connectors = connectors
  }

  pause(name: string): boolean {
    const connector = this.#find(name)
    connector?.run.pause()
    return connector !== undefined
  }

  resume(name: string): boolean {
    const connector = this.#find(name)
    connector?.run.resume()
    return connector !== undefined
  }

  async seek(name: string, command: SeekCommand): Promise<boolean> {
    const connector = this.#find(name)
    if (connector === undefined) return false
    await readerOf(connector).seek(targetOf(command))
    return true
  }

  async deadLetters(name: string, limit: number): Promise<readonly DeadLetterView[] | undefined> {
    const connector = this.#find(name)
    if (connector === undefined) return undefined
    const letters = await readerOf(connector).deadLetters(limit)
    return letters.map(({ logId, partition, position, topic, reason }) => ({
      eventId: `${logId}/${partition}/${position}`,
      topic,
      reason,
    }))
  }

  async dryRun(name: string, limit: number): Promise<readonly DryMessageView[] | undefined> {
    const connector = this.#find(name)
    if (connector === undefined) return undefined
    const { logId, messages } = await readerOf(connector).dryRun(limit)
    return messages.map((one) => dryView(logId, one))
  }

  async replay(name: string): Promise<ReplayReport | undefined> {
    const connector = this.#find(name)
    return connector && readerOf(connector).replay()
  }

  #find(name: string): WatchedConnector | undefined {
    return this.#connectors.find((candidate) => candidate.name === name)
  }
}

function readerOf({ name, run }: WatchedConnector): ConnectorRun {
  if ('seek' in run) return run
  throw new HawserError('USAGE', `${name} brings messages into the log: it has no place in it, and no dead letters`)
}

function targetOf({ to, time, positions = [] }: SeekCommand): SeekTarget {
  if (to !== undefined) return { kind: to }
  if (time !== undefined) return { kind: 'time', time: epochMicros(Date.parse(time) * 1000) }
  return {
    kind: 'positions',
    cursor: new Map(positions.map((one) => [partition(one.partition), position(one.position)])),
  }
}
