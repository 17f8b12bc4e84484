/** What only the servers' monitoring tells: how soon they sync what they acknowledge. */
import { type Clock, HawserError, type Milliseconds, milliseconds } from '@hawser/std'

export interface MonitorOptions {
  /** `http://host:8222`, of each server. */
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly fetch?: typeof fetch
}

interface ServerVariables {
  readonly server_name?: string
  readonly jetstream?: {
    readonly config?: { readonly sync_always?: boolean; readonly sync_interval?: number }
  }
}

const answerMsMax: Milliseconds = milliseconds(3000)
const nanosPerSecond = 1e9

/** What makes an acknowledgement weaker than it should be, one fault for each server; none where all is well. */
export async function weakSyncs(options: MonitorOptions): Promise<readonly HawserError[]> {
  const faults = await Promise.all(options.urls.map((url) => faultOf(url, options)))
  return faults.filter((fault) => fault !== undefined)
}

async function faultOf(url: string, { clock, fetch: ask = fetch }: MonitorOptions): Promise<HawserError | undefined> {
  const late = new AbortController()
  using _lateness = clock.after(answerMsMax, () => late.abort())
  try {
    const answer = await ask(new URL('/varz', url), { signal: late.signal })
    const { server_name: name = url, jetstream }: ServerVariables = await answer.json()
    return faultIn(name, jetstream?.config)
  } catch (cause) {
    return new HawserError('ENGINE_UNREACHABLE', `the monitoring of a NATS server does not answer at ${url}`, {
      retryable: true,
      mend: 'correct engine.monitors, or start it with http: 8222',
      cause,
    })
  }
}

function faultIn(
  name: string,
  config: NonNullable<ServerVariables['jetstream']>['config'] | undefined,
): HawserError | undefined {
  if (config === undefined) {
    return new HawserError('ENGINE_UNFIT', `the NATS server ${name} runs without JetStream`, {
      mend: 'give it a section jetstream',
    })
  }
  if (config.sync_always === true) return undefined
  const every = (config.sync_interval ?? Number.NaN) / nanosPerSecond
  return new HawserError(
    'ENGINE_UNFIT',
    `the NATS server ${name} syncs its disk every ${every} s: if a quorum loses power at once, what was acknowledged since is lost`,
    { mend: 'give it jetstream { sync_interval: always }' },
  )
}
