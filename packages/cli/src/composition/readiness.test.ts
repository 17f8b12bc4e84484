import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ConnectorView } from '@hawser/connect'
import { tellReadiness } from './readiness.ts'

const lag = { messages: 0, bytes: 0, seconds: 0, backlogShare: 0 }
const behind = { ...lag, messages: 7 }
const view: ConnectorView = {
  ...{ name: 'k', kind: 'kafka', state: { kind: 'starting' }, lag },
  ...{ written: 0, duplicates: 0, deadLetters: 0, dropped: 0, lost: 0, lastError: undefined },
}
const running: ConnectorView = { ...view, state: { kind: 'running' } }
const away: ConnectorView = {
  ...view,
  ...{ state: { kind: 'lagging', isRetrying: true, ...behind }, lag: behind, lastError: 'refused' },
}

function linesOf(...views: readonly ConnectorView[]): readonly string[] {
  const lines: string[] = []
  const tell = tellReadiness({ info: (line) => lines.push(line), warn: (line) => lines.push(line) }, 'kafka://h:1')
  for (const each of views) tell(each)
  return lines
}

const ready = 'connector k: kafka://h:1 is ready'
const retried = 'connector k: kafka://h:1 is tried again: refused'

it('says once that a server is there, away, and back', () => {
  assert.deepEqual(linesOf(view, running, running, away, away, running, running), [ready, retried, ready])
  assert.deepEqual(linesOf(view, away, running), [retried, ready])
})

it('does not call back what opens and takes nothing', () => {
  const open: ConnectorView = { ...running, lag: behind }
  assert.deepEqual(linesOf(away, open, away, open), [retried])
  assert.deepEqual(linesOf(away, open, { ...open, written: 3 }), [retried, ready])
})
