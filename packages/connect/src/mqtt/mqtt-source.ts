/** Messages of another broker into the log: a durable session there, whose messages are answered once the log has them. */
import type { StateStore } from '@hawser/engine'
import { aborted, type Clock, HawserError, milliseconds, sleep } from '@hawser/std'
import type { Source, SourceRunContext } from '../source/source.ts'
import { reasonText } from './client/reason-text.ts'
import type { MqttVersion } from './defaults.ts'
import { IncomingState } from './incoming-state.ts'
import { Inflow } from './inflow.ts'
import type { Link, LinkShare } from './link.ts'
import type { LinkNames } from './origin.ts'
import type { ReceiveForm } from './receive.ts'
import { toRemote } from './topic-map.ts'

export interface MqttSourceParts {
  readonly name: string
  readonly link: Link
  readonly names: LinkNames
  readonly state: StateStore
  readonly clock: Clock
  readonly version: MqttVersion
  /** Of topics as they are named here, each beginning with the local prefix. */
  readonly filters: readonly string[]
  readonly form: Omit<ReceiveForm, 'known' | 'names'>
  readonly qos: 0 | 1 | 2
  /** Half of what may wait for the log. */
  readonly inFlightMax: number
  /** Several share the messages, under this name. */
  readonly share?: string | undefined
}

/** What is on its way into the log at the stop is waited for so long; then it comes again. */
const settleMsMax = milliseconds(1_000)

/** Throws `CONFIG_INVALID` where a filter is not below the local prefix. */
export function mqttSource(parts: MqttSourceParts): Source {
  const { name, filters, form, share } = parts
  const remote = filters.map((filter) => {
    const there = toRemote(form.prefixes, filter)
    if (there === undefined) {
      const mend = `write it with the prefix in front: ${form.prefixes.local}#`
      throw new HawserError('CONFIG_INVALID', `${name}: "${filter}" does not begin with "${form.prefixes.local}"`, {
        mend,
      })
    }
    return share === undefined ? there : `$share/${share}/${there}`
  })
  return { name, kind: 'mqtt', filters, run: (context) => run(parts, remote, context) }
}

async function run(parts: MqttSourceParts, remote: readonly string[], context: SourceRunContext): Promise<void> {
  const { intake, signal, opened } = context
  const { name, link, names, form, inFlightMax, clock } = parts
  const state = await IncomingState.open(parts.state, name)
  const inflow = new Inflow({ intake, state, names, form, pendingMax: 2 * inFlightMax })
  await using share = await link.inward(intake.logId, inflow, signal)
  await subscribe(parts, remote, state, share)
  opened()
  await Promise.race([aborted(signal), aborted(share.client.gone), inflow.failed])
  share.client.check()
  share.client.pause()
  await Promise.race([inflow.settled(), sleep(clock, settleMsMax)])
}

/** Only what has changed, where the session is the one of before: a subscription brings what is retained again. */
async function subscribe(
  { version, qos, form, share: group, link }: MqttSourceParts,
  filters: readonly string[],
  state: IncomingState,
  { client, connack }: LinkShare,
): Promise<void> {
  if (!connack.sessionPresent) state.begin()
  const old = state.subscribed.filter((filter) => !filters.includes(filter))
  const added = filters.filter((filter) => !state.subscribed.includes(filter))
  if (old.length > 0) await client.unsubscribe(old)
  if (added.length > 0) {
    const isV5 = version === '5.0'
    const options = {
      qos,
      // [MQTT-3.8.3-4]
      noLocal: isV5 && group === undefined,
      retainAsPublished: isV5,
      retainHandling: isV5 && !form.retain ? 2 : 0,
    } as const
    const codes = await client.subscribe(added.map((filter) => ({ filter, ...options })))
    const refused = codes.findIndex((code) => code >= 0x80)
    if (refused !== -1) throw subscriptionRefused(link.url, added[refused] ?? '', codes[refused] ?? 0x80)
  }
  state.subscribe(filters)
  await state.save()
}

const subscriptionRefused = (url: string, filter: string, code: number): HawserError =>
  new HawserError('SINK_REFUSED', `the broker at ${new URL(url).host} refuses ${filter}: ${reasonText(code)}`, {
    mend: 'mend the rights there or the filters here, then resume the connector',
  })
