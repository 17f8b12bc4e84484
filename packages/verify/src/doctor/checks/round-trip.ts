/** An MQTT client connects, subscribes, and gets back what it publishes at each quality of service, once. */
import type { Check, CheckContext } from '../check.ts'
import { failed, passed, type Subject } from '../finding.ts'
import type { Qos, Received } from '../ports/ports.ts'
import { before, heard, whyOf } from '../waiting.ts'

const allQos: readonly Qos[] = [0, 1, 2]

export const tcpCheck = roundTripCheck({ name: 'broker:tcp', what: 'MQTT over TCP' }, 'tcp')
export const webSocketCheck = roundTripCheck({ name: 'broker:websocket', what: 'MQTT over WebSocket' }, 'webSocket')

function roundTripCheck(subject: Subject, transport: keyof CheckContext['brokerUrls']): Check {
  return {
    subject,
    needs: 'nothing',
    async run(context) {
      const url = context.brokerUrls[transport]
      const steps = new Steps()
      try {
        const tookMs = await roundTrip(url, `hawser/doctor/${transport.toLowerCase()}`, context, steps)
        return [passed(subject, `${new URL(url).host}, QoS 0, 1 and 2 there and back in ${tookMs} ms`)]
      } catch (error) {
        return [failed(subject, `${steps.current}: ${whyOf(error)}`, mendOf(steps.current, url))]
      }
    },
  }
}

/** Where it stands, so that a failure names what did not work. */
class Steps {
  current = 'connect'
}

/** The topic is the same each time, so that no topics pile up; the id tells the messages of two doctors apart. */
async function roundTrip(url: string, topic: string, context: CheckContext, steps: Steps): Promise<number> {
  const { connect, clock, random, timeUp } = context
  const id = random
    .integer(2 ** 32)
    .toString(16)
    .padStart(8, '0')
  await using peer = await connect(url, `hawser-doctor-${id}`, timeUp)
  const signal = AbortSignal.any([timeUp, peer.lost])
  const startedAtMs = clock.monotonicMs()
  const received: Received[] = []
  const all = heard(peer, timeUp, (message) => {
    if (message.topic === topic && message.payload.startsWith(id)) received.push(message)
    return allQos.every((qos) => received.some(({ payload }) => payload === payloadOf(id, qos)))
  })
  // Whoever fails before it waits for this must not leave a rejection that nobody handles.
  all.catch(() => undefined)
  steps.current = 'subscribe'
  await before(peer.subscribe(topic, 2), signal)
  for (const qos of allQos) {
    steps.current = `publish at QoS ${qos}`
    await before(peer.publish(topic, payloadOf(id, qos), qos), signal)
  }
  steps.current = 'deliver'
  if (!(await all)) throw new Error(`${missing(id, received)} did not come back`)
  const tookMs = Math.round(clock.monotonicMs() - startedAtMs)
  // What was delivered twice has come before the acknowledgement of this.
  steps.current = 'unsubscribe'
  await before(peer.unsubscribe(topic), signal)
  steps.current = 'deliver'
  refuseFaults(id, received)
  return tookMs
}

const payloadOf = (id: string, qos: Qos): string => `${id} at QoS ${qos}`

function missing(id: string, received: readonly Received[]): string {
  const lacking = allQos.filter((qos) => !received.some(({ payload }) => payload === payloadOf(id, qos)))
  return lacking.map((qos) => `QoS ${qos}`).join(', ')
}

function refuseFaults(id: string, received: readonly Received[]): void {
  if (received.length > allQos.length) throw new Error(`${received.length} messages came back for ${allQos.length}`)
  for (const qos of allQos) {
    const found = received.find(({ payload }) => payload === payloadOf(id, qos))
    if (found?.qos !== qos) throw new Error(`QoS ${qos} came back as QoS ${found?.qos}`)
  }
}

function mendOf(step: string, url: string): string {
  if (step === 'connect') return `does the broker listen at ${new URL(url).host}? give --mqtt-url for another address`
  return 'see the log file of hawser up for what the broker said'
}
