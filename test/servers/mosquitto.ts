/** A Mosquitto that keeps what it has while it is stopped, and lets clients do what an ACL file says. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Mosquitto, startMosquitto } from '../../packages/simulate/src/testing/mod.ts'
import { temporaryFolder } from '../../packages/std/src/testing/mod.ts'

export { skipWithoutMosquitto } from '../../packages/simulate/src/testing/mod.ts'

export interface LastingMosquitto extends Mosquitto {
  /** Reads these lines of an ACL file, a little later. */
  allow(acl: string): Promise<void>
}

export const everything = 'topic readwrite #\n'

export async function startLastingMosquitto(settings: readonly string[] = []): Promise<LastingMosquitto> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const acl = join(folder.path, 'acl')
  await writeFile(acl, everything)
  const server = stack.use(
    await startMosquitto([
      'persistence true',
      // With 0, which is without bound, 2.0.11 closes the connection of whoever it refuses a message.
      'max_queued_messages 1000000',
      `acl_file ${acl}`,
      ...settings,
    ]),
  )
  const owned = stack.move()
  return {
    ...server,
    async allow(text) {
      await writeFile(acl, text)
      server.reload()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
