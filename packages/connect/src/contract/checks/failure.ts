/** What does not pass by itself waits for somebody; a stop waits for nobody. */
import assert from 'node:assert/strict'
import { HawserError, milliseconds } from '@hawser/std'
import type { Connector } from '../../connector.ts'
import { append, appendMany, committed, contractLog, isCaughtUp, watch } from '../bench-log.ts'
import { type Bench, filters } from './bench.ts'

/** Cannot be opened until somebody mends what no time mends. */
function misconfigured(connector: Connector): { readonly connector: Connector; mend(): void } {
  let isMended = false
  const refusal = new HawserError('SINK_REFUSED', 'the credentials are wrong', { mend: 'mend them' })
  return {
    connector: {
      ...connector,
      open: async (id, signal) => {
        if (!isMended) throw refusal
        return connector.open(id, signal)
      },
    },
    mend() {
      isMended = true
    },
  }
}

export async function staysFailed({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  const wrong = misconfigured(sink.connector(filters))
  const notices: string[] = []
  await using watched = watch(log, wrong.connector, {}, notices)
  const failed = { kind: 'failed', reason: 'the credentials are wrong; mend them' }
  await watched.until(({ state }) => state.kind === 'failed')
  appendMany(log, 20)
  await committed(log)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  assert.deepEqual(watched.run.view().state, failed)
  assert.equal(notices.length, 1)
  watched.run.resume()
  await watched.until(({ state }) => state.kind === 'failed')
  wrong.mend()
  watched.run.resume()
  await watched.until(isCaughtUp)
  await complete(log)
}

export async function stopsWhileAway({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  appendMany(log, 20)
  await committed(log)
  {
    const watched = watch(log, sink.connector(filters), { drainMsMax: milliseconds(50) })
    await watched.until((view) => view.written === 10 && isCaughtUp(view))
    await sink.fail()
    appendMany(log, 40)
    await committed(log)
    await watched.until((view) => view.lastError !== undefined)
    await watched[Symbol.asyncDispose]()
    assert.equal(watched.run.view().state.kind, 'stopped')
  }
  await sink.mend()
  await using again = watch(log, sink.connector(filters))
  await again.until(isCaughtUp)
  await complete(log)
}

/** Batches are bounded in bytes, and a message that is larger than the bound comes by itself. */
export async function takesLargeMessages({ sink, complete }: Bench): Promise<void> {
  await using log = contractLog()
  const bytes = 300_000
  for (let number = 0; number < 12; number++) append(log, 't/large', `"${'x'.repeat(bytes)}"`)
  await committed(log)
  const connector = sink.connector(filters)
  const sizes: number[] = []
  const counted: Connector = {
    ...connector,
    open: async (id, signal) => {
      const open = await connector.open(id, signal)
      return {
        checkpoint: open.checkpoint,
        write: (batch, until) => {
          sizes.push(batch.messages.length)
          return open.write(batch, until)
        },
        [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
      }
    },
  }
  await using watched = watch(log, counted, { batchMessagesMax: 100, batchBytesMax: 2 * bytes })
  await watched.until((view) => view.written === 12 && isCaughtUp(view))
  assert.equal(Math.max(...sizes), 2)
  await complete(log)
}
