/** `%u` and `%c` in a rule's filter. */
import type { Identity } from '@hawser/broker'

const variable = /%[uc]/g

/**
 * The filter for one client, or undefined where it matches nothing: the client has no such name, or one that would
 * reach beyond its level. A client chooses its id, and often its user name, itself.
 */
export function expand(filter: string, { username, clientId }: Pick<Identity, 'username' | 'clientId'>) {
  if (!filter.includes('%')) return filter
  let matches = true
  const expanded = filter.replace(variable, (name) => {
    const value = name === '%u' ? username : clientId
    if (value === undefined || value === '' || /[+#/]/.test(value)) matches = false
    return value ?? ''
  })
  // Nobody names himself into the broker's own topics.
  return matches && (expanded[0] !== '$' || filter[0] === '$') ? expanded : undefined
}
