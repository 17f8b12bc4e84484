/** How topics are named here and there: one prefix comes off, the other goes on. */
export interface Prefixes {
  readonly local: string
  readonly remote: string
}

/** Undefined where the topic has not the prefix, or nothing behind it. */
export const toRemote = ({ local, remote }: Prefixes, topic: string): string | undefined => moved(topic, local, remote)

function moved(topic: string, from: string, to: string): string | undefined {
  if (!topic.startsWith(from)) return undefined
  const named = `${to}${topic.slice(from.length)}`
  return named === '' ? undefined : named
}
