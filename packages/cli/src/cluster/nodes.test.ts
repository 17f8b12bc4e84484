import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Broker } from '@hawser/admin'
import { changesOf } from './nodes.ts'

const node = (id: string, startedAtMs: number, state: Broker['state'] = 'running') =>
  ({
    ...{ id, startedAtMs, state, version: '1.0.0', listeners: [] },
    connections: { now: 2 },
    sessions: { durable: 1 },
  }) as unknown as Broker

const whatOf = (before: readonly Broker[], now: readonly Broker[]): string[] =>
  changesOf(before, now).map(({ node, what }) => `${node} ${what}`)

it('says who comes, who goes, and who has begun anew', () => {
  const there = 'is there: running since 1970-01-01T00:00:00.002Z, version 1.0.0, 2 connections, 1 durable sessions, '
  assert.deepEqual(whatOf([node('a', 1)], [node('a', 1), node('b', 2)]), [`b ${there}`])
  assert.deepEqual(whatOf([node('a', 1), node('b', 2)], [node('a', 1)]), ['b is gone'])
  assert.deepEqual(whatOf([node('a', 1)], [node('a', 2)]), ['a is gone', `a ${there}`])
  assert.deepEqual(whatOf([node('a', 1)], [node('a', 1)]), [])
  assert.deepEqual(whatOf([node('a', 1)], [node('a', 1, 'draining')]), ['a is draining'])
})
