/** What an operator says to a connector by name. */
import type { DeadLetterView, ReplayReport, SeekCommand } from '@hawser/admin'
import type { SeekTarget } from '@hawser/connect'
import { partition, position } from '@hawser/engine'
import { epochMicros } from '@hawser/std'
import type { WatchedConnector } from './connector-snapshot.ts'

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
    await connector?.run.seek(targetOf(command))
    return connector !== undefined
  }

  async deadLetters(name: string, limit: number): Promise<readonly DeadLetterView[] | undefined> {
    const letters = await this.#find(name)?.run.deadLetters(limit)
    return letters?.map(({ logId, partition, position, topic, reason }) => ({
      eventId: `${logId}/${partition}/${position}`,
      topic,
      reason,
    }))
  }

  async replay(name: string): Promise<ReplayReport | undefined> {
    return this.#find(name)?.run.replay()
  }

  #find(name: string): WatchedConnector | undefined {
    return this.#connectors.find((candidate) => candidate.name === name)
  }
}

function targetOf({ to, time, positions = [] }: SeekCommand): SeekTarget {
  if (to !== undefined) return { kind: to }
  if (time !== undefined) return { kind: 'time', time: epochMicros(Date.parse(time) * 1000) }
  return {
    kind: 'positions',
    cursor: new Map(positions.map((one) => [partition(one.partition), position(one.position)])),
  }
}
