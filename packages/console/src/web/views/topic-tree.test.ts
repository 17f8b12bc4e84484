import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Topic } from '@hawser/admin'
import { type TopicNode, topicTree } from './topic-tree.ts'

const topicOf = (topic: string): Topic => ({
  topic,
  preview: '',
  payloadBytes: 0,
  retained: false,
  messages: 1,
  ratePerSecond: 0,
  atMs: 0,
  recent: [],
})

type Names = readonly (string | [string, Names])[]
const names = (nodes: readonly TopicNode[]): Names =>
  nodes.map(({ name, children }) => (children.length === 0 ? name : [name, names(children)]))

it('joins levels with one child, and keeps those with a value of their own apart', () => {
  const topics = ['a/b/c', 'a/b/d', 'a/b/d/e', '/x', 'y//z'].map(topicOf)
  assert.deepEqual(names(topicTree(topics)), [['a/b', ['c', ['d', ['e']]]], '/x', 'y//z'])
})

it('keeps every topic under its whole name, also those that objects treat as their own', () => {
  const topics = ['__proto__/constructor', 'toString', ''].map(topicOf)
  const leaves = (nodes: readonly TopicNode[]): (string | undefined)[] =>
    nodes.flatMap((node) => [...(node.topic === undefined ? [] : [node.topic.topic]), ...leaves(node.children)])
  assert.deepEqual(leaves(topicTree(topics)).sort(), ['', '__proto__/constructor', 'toString'])
})
