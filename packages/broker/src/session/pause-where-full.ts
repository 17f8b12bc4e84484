/** After each read: whoever fills what all share, or its own output, is not read from for now. */
import type { Connection } from './connection.ts'
import { pauseCause } from './pause-cause.ts'

export function pauseWhereFull(connection: Connection): void {
  const { services, output, reading } = connection
  if (services.unfinished.overfull) services.unfinished.relieve(connection)
  // A client that sends requests and never reads the answers is bounded by this.
  if (output.congested) reading.pause(pauseCause.output)
  if (services.log.congested) {
    reading.pause(pauseCause.log)
    services.waitForLog(connection)
  }
}
