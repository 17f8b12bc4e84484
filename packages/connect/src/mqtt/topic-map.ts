/** How topics are named here and there: one prefix comes off, the other goes on. */
export interface Prefixes {
  readonly local: string
  readonly remote: string
}

/** Of a topic, or of a filter that begins with the prefix. Undefined where it has not the prefix, or nothing behind it. */
export const toRemote = ({ local, remote }: Prefixes, topic: string): string | undefined => moved(topic, local, remote)

export const toLocal = ({ local, remote }: Prefixes, topic: string): string | undefined => moved(topic, remote, local)

function moved(topic: string, from: string, to: string): string | undefined {
  if (!topic.startsWith(from)) return undefined
  const named = `${to}${topic.slice(from.length)}`
  return named === '' ? undefined : named
}
