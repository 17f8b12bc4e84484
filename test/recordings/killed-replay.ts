/** `hawser simulate replay` into a Hawser that is killed on the way. */
import assert from 'node:assert/strict'
import type { ReplayReport } from '@hawser/simulate'
import mqtt, { type MqttClient } from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import type { Recording } from './recording.ts'

export interface KilledReplay {
  readonly mqttPort: number
  readonly recording: Recording
  readonly qos: 1 | 2
  /** Rows on their way at a time: fewer than lie between two kills. */
  readonly windowRows: number
  /** Each strikes when a further share of the rows has come by. */
  readonly kills: readonly (() => Promise<void>)[]
}

export async function replayWhileKilled(options: KilledReplay): Promise<ReplayReport> {
  const { mqttPort, recording, qos, windowRows, kills } = options
  await using observer = await Observer.open(mqttPort, recording.topic)
  await using replay = startHawser([
    ...['simulate', 'replay', recording.file, '--broker', `mqtt://127.0.0.1:${mqttPort}`, '--topic', recording.topic],
    ...['--speed', 'max', '--qos', `${qos}`, '--window', `${windowRows}`, '--json'],
  ])
  let ended = false
  const end = replay.ended.finally(() => {
    ended = true
  })
  for (const [index, kill] of kills.entries()) {
    const rows = (recording.payloads.length * (index + 1)) / (kills.length + 2)
    await Promise.race([observer.seen(rows), end])
    assert.equal(ended, false, 'the replay is under way when Hawser is killed')
    await kill()
  }
  const { code, stdout, stderr } = await end
  assert.equal(code, 0, stderr)
  assert.equal(stderr.match(/connection to .* lost; trying again/g)?.length, kills.length, stderr)
  return JSON.parse(stdout) as ReplayReport
}

/** Counts at QoS 0 what comes by, to know when to strike; it is no witness of what was delivered. */
class Observer implements AsyncDisposable {
  readonly #client: MqttClient
  #count = 0

  static async open(port: number, topic: string): Promise<Observer> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 20 })
    // Between a kill and the next start nobody listens there.
    client.on('error', () => {})
    await client.subscribeAsync(topic, { qos: 0 })
    return new Observer(client)
  }

  private constructor(client: MqttClient) {
    this.#client = client
    client.on('message', () => {
      this.#count++
    })
  }

  async seen(count: number): Promise<void> {
    while (this.#count < count) await new Promise((resolve) => this.#client.once('message', resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true)
  }
}
