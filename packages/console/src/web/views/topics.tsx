import type { Topic, TopicPage } from '@hawser/admin'
import { ago, rate, whole } from '../format.ts'
import { Card } from '../parts/card.tsx'
import { PublishForm } from '../parts/publish-form.tsx'
import { Search } from '../parts/search.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { usePolled } from '../state/rest.ts'
import { type TopicNode, topicTree } from './topic-tree.ts'

const topicsMax = 500
const everyMs = 2_000

export function Topics({ query, nowMs }: { readonly query: URLSearchParams; readonly nowMs: number }) {
  const search = query.get('search') ?? ''
  const asked = new URLSearchParams({ search, limit: String(topicsMax) })
  const { data, error } = usePolled<TopicPage>(`/api/v1/topics?${asked}`, everyMs)
  return (
    <>
      <div class="head">
        <h1>Topics</h1>
        <Search view="topics" value={search} label="Search topics" />
      </div>
      <Card title={data === undefined ? 'Loading…' : countText(data)} aside={error ?? 'last value, rate, age'}>
        {data?.items.length === 0 ? <p class="empty">No topic matches.</p> : null}
        <ul class="tree">
          {topicTree(data?.items ?? []).map((node) => (
            <Branch key={node.path} node={node} nowMs={nowMs} />
          ))}
        </ul>
      </Card>
      <Card title="Publish" aside="needs the token">
        <PublishForm />
      </Card>
    </>
  )
}

const countText = ({ items, matching, total }: TopicPage): string =>
  items.length < matching
    ? `First ${whole(items.length)} of ${whole(matching)}`
    : `${whole(matching)} of ${whole(total)}`

function Branch({ node, nowMs }: { readonly node: TopicNode; readonly nowMs: number }) {
  if (node.children.length === 0) {
    return <li>{node.topic === undefined ? null : <Leaf name={node.name} topic={node.topic} nowMs={nowMs} />}</li>
  }
  return (
    <li>
      <details open>
        <summary>
          {node.name}
          <small>{whole(node.children.length)}</small>
        </summary>
        {node.topic === undefined ? null : <Leaf name="(its own value)" topic={node.topic} nowMs={nowMs} />}
        <ul>
          {node.children.map((child) => (
            <Branch key={child.path} node={child} nowMs={nowMs} />
          ))}
        </ul>
      </details>
    </li>
  )
}

function Leaf({ name, topic, nowMs }: { readonly name: string; readonly topic: Topic; readonly nowMs: number }) {
  return (
    <div class="leaf" title={topic.topic}>
      <span class="name">
        {name}
        {topic.retained ? <small class="tag">retained</small> : null}
      </span>
      <code>{topic.preview}</code>
      <Sparkline values={topic.recent} width={96} height={22} label={`Last values of ${topic.topic}`} />
      <span class="number rate">{rate(topic.ratePerSecond)}/s</span>
      <span class="number age">{ago(topic.atMs, nowMs)}</span>
    </div>
  )
}
