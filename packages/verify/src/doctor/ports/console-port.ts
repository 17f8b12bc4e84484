/** The console's REST interface and metrics as the checks ask for them. */
import { AdminClient, type AdminClientOptions, api, metricsPath, pageItemsMax, type Topic } from '@hawser/admin'
import { HawserError } from '@hawser/std'
import type { ConsolePort } from './ports.ts'

/** Rows of KPIs that are enough to see whether there are any. */
const windowsMax = 5

export function consolePort(options: AdminClientOptions): ConsolePort {
  const admin = new AdminClient(options)
  return {
    url: options.baseUrl,
    health: () => admin.call(api.health),
    snapshot: () => admin.call(api.snapshot),
    topics: (search) => allTopics(admin, search),
    async connectedClients(search) {
      const { items } = await admin.call(api.clients, { query: { search, limit: pageItemsMax } })
      return items.filter(({ connected }) => connected).map(({ clientId }) => clientId)
    },
    machineHistory: (machine) => admin.call(api.machineHistory, { query: { machine, windows: windowsMax } }),
    metrics: () => scrape(options),
  }
}

async function allTopics(admin: AdminClient, search: string): Promise<readonly Topic[]> {
  const topics: Topic[] = []
  for (;;) {
    const query = { search, offset: topics.length, limit: pageItemsMax }
    const { items, matching } = await admin.call(api.topics, { query })
    topics.push(...items)
    if (items.length === 0 || topics.length >= matching) return topics
  }
}

async function scrape({ baseUrl, token, signal, fetch: fetchWith = fetch }: AdminClientOptions): Promise<string> {
  const url = new URL(metricsPath, baseUrl)
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetchWith(url, { headers, redirect: 'error', ...(signal === undefined ? {} : { signal }) })
  const text = await response.text()
  if (response.ok) return text
  throw new HawserError('BROKER_REFUSED', `${url.href} answered ${response.status}`)
}
