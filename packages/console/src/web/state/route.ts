/** The address's hash says what is shown, so that every view can be shared. */
import { signal } from '@preact/signals'

export const views = ['overview', 'clients', 'topics', 'machines', 'system'] as const
export type View = (typeof views)[number]

export interface Route {
  readonly view: View
  /** What of it: a machine's id. */
  readonly item: string | undefined
  readonly query: URLSearchParams
}

export const route = signal<Route>(parse(location.hash))

export function followRoute(): void {
  addEventListener('hashchange', () => {
    route.value = parse(location.hash)
  })
}

export function addressOf(view: View, item?: string, query: Readonly<Record<string, string | number>> = {}): string {
  const path = item === undefined ? view : `${view}/${encodeURIComponent(item)}`
  const entries = Object.entries(query).filter(([, value]) => value !== '' && value !== 0)
  const search = new URLSearchParams(entries.map(([name, value]) => [name, String(value)]))
  return search.size === 0 ? `#/${path}` : `#/${path}?${search}`
}

/** Changes the address while something is typed, without a step in the browser's history for each letter. */
export function replaceRoute(address: string): void {
  history.replaceState(null, '', address)
  route.value = parse(address)
}

function parse(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [name = '', ...rest] = path.split('/')
  const view = views.find((each) => each === name) ?? 'overview'
  return { view, item: decoded(rest.join('/')), query: new URLSearchParams(search) }
}

function decoded(text: string): string | undefined {
  if (text === '') return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    // A half-typed escape: taken as it stands.
    return text
  }
}
