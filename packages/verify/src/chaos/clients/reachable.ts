/** Whether somebody listens at each address, before anything is broken. */
import { once } from 'node:events'
import { type Clock, HawserError, milliseconds } from '@hawser/std'
import { dial } from './roaming.ts'
import { within } from './wait-until.ts'

const answerMsMax = milliseconds(5_000)

/** Throws `BROKER_UNREACHABLE` for the first that does not answer. */
export async function checkReachable(addresses: readonly URL[], clock: Clock, signal: AbortSignal): Promise<void> {
  for (const address of addresses) {
    const socket = dial(address)
    const refusal = (why: string): HawserError =>
      new HawserError('BROKER_UNREACHABLE', `no connection to ${address.host}: ${why}`, {
        mend: 'start it, or leave it out of --target',
      })
    try {
      await within(clock, answerMsMax, signal, once(socket, 'connect'), () => refusal('no answer'))
    } catch (error) {
      if (error instanceof HawserError || signal.aborted) throw error
      throw refusal((error as NodeJS.ErrnoException).code ?? String(error))
    } finally {
      socket.destroy()
    }
  }
}
