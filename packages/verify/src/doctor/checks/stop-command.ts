/** A component obeys `stop` on its feedback topic: it ends cleanly, with exit code 0. */
import { deviceKindDefaults, deviceKinds } from '@hawser/simulate'
import type { Check } from '../check.ts'
import { isIdOf } from '../device-ids.ts'
import { type Finding, failed, passed, type Subject } from '../finding.ts'
import { before, heard } from '../waiting.ts'

export function stopCommandCheck(id: string): Check {
  const subject: Subject = { name: 'stop', what: `stop command to ${id}` }
  return {
    subject,
    needs: 'console',
    async run({ console, connect, startComponent, brokerUrls, clock, random, timeUp }) {
      // Its topic stays known: later checks would miss it as one of a scenario's devices.
      if (deviceKinds.some((kind) => isIdOf(kind, id))) {
        return [failed(subject, 'scenarios name their devices so', 'give an id that no component has')]
      }
      // One that runs already would be ended with it. A simulated client's id is the component's and a random end.
      const clients = await console.connectedClients(id)
      if (clients.some((client) => client === id || client.startsWith(`${id}-`))) {
        return [failed(subject, 'a client of that name is connected already', 'give an id that no component has')]
      }
      const { tcp } = brokerUrls
      await using peer = await connect(tcp, `hawser-doctor-stop-${random.integer(2 ** 32)}`, timeUp)
      const topic = deviceKindDefaults.sine.topic.replaceAll('{id}', id)
      const first = heard(peer, timeUp, (message) => !message.retain && message.topic === topic)
      first.catch(() => undefined)
      await peer.subscribe(topic, 1)
      await using component = startComponent(id, tcp)
      const started = await Promise.race([first, component.ended])
      if (started !== true) return [failed(subject, neverStarted(started), 'try: hawser simulate sine --ids ID')]
      const stoppedAtMs = clock.monotonicMs()
      await peer.publish(`feedback/${id}`, 'stop', 1)
      const ended = await before(component.ended, timeUp).catch(() => undefined)
      return [findingOf(subject, ended, Math.round(clock.monotonicMs() - stoppedAtMs))]
    },
  }
}

const neverStarted = (outcome: false | number | NodeJS.Signals): string =>
  outcome === false ? 'the component published nothing' : `the component ended with ${outcome} before it was told to`

function findingOf(subject: Subject, ended: number | NodeJS.Signals | undefined, tookMs: number): Finding {
  if (ended === 0) return passed(subject, `exit code 0 after ${tookMs} ms`)
  const what = ended === undefined ? `still runs after ${tookMs} ms` : `ended with ${ended}`
  return failed(subject, what, 'it must end with exit code 0 when stop arrives on its feedback topic')
}
