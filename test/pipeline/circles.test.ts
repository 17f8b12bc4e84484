/**
 * Two Hawsers and a Mosquitto whose bridges make circles: each message is everywhere once, and the traffic ends. It is
 * counted by clients that are not ours, one at each.
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { connectAsync, type MqttClient } from 'mqtt'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { freePort } from '../servers/free-port.ts'
import { skipWithoutMosquitto, startLastingMosquitto } from '../servers/mosquitto.ts'

interface Place {
  readonly name: string
  readonly url: string
}

interface Bridge {
  readonly name: string
  readonly to: Place
  readonly more: string
}

const bridgeLine = ({ name, to, more }: Bridge): string =>
  `  - { kind: mqtt, name: ${name}, url: "${to.url}", filters: [t/#], ${more} }`

async function hawserAt(place: Place, bridges: readonly Bridge[]) {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const file = join(folder.path, 'hawser.yaml')
  await writeFile(file, `scenarios: []\nconnectors:\n${bridges.map(bridgeLine).join('\n')}\n`)
  const ports = ['--mqtt-port', new URL(place.url).port, '--ws-port', '0', '--http-port', '0']
  const argv = ['up', ...ports, '--config', file, '--data-dir', join(folder.path, 'data')]
  const hawser = stack.use(startHawser(argv))
  const [, httpPort = ''] = await hawser.prints(/http:\/\/[\d.]+:(\d+)/)
  // One for each direction.
  const count = bridges.reduce((sum, { more }) => sum + (more.includes('both') ? 2 : 1), 0)
  while (!(await areRunning(httpPort, count)));
  const owned = stack.move()
  return { hawser, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function areRunning(httpPort: string, count: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${httpPort}/api/v1/connectors`)
  const { connectors } = (await answer.json()) as { connectors: readonly { readonly state: string }[] }
  return connectors.length === count && connectors.every(({ state }) => state === 'running')
}

/** A client at each, which hears all that is there. */
class Witness {
  readonly heard = new Map<string, number>()
  readonly client: MqttClient
  #waiting: (() => void) | undefined

  constructor(client: MqttClient) {
    this.client = client
    client.on('message', (_, payload) => {
      const text = payload.toString()
      this.heard.set(text, (this.heard.get(text) ?? 0) + 1)
      this.#waiting?.()
    })
  }

  static async at({ url }: Place): Promise<Witness> {
    const witness = new Witness(await connectAsync(url, { protocolVersion: 5 }))
    await witness.client.subscribeAsync('t/#', { qos: 1 })
    return witness
  }

  async until(payloads: readonly string[]): Promise<void> {
    while (payloads.some((payload) => !this.heard.has(payload))) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
  }
}

const each = 100

/** Every message of every place is at every place once; then a second wave is, and none of the first came again. */
async function assertOnceEverywhere(places: readonly Place[]): Promise<void> {
  const witnesses = await Promise.all(places.map((place) => Witness.at(place)))
  const wave = async (name: string, count: number): Promise<readonly string[]> => {
    const sent = witnesses.flatMap(({ client }, index) =>
      Array.from({ length: count }, (_, number) => {
        const payload = `${name} ${places[index]?.name} ${number}`
        return { payload, done: client.publishAsync(`t/${places[index]?.name}`, payload, { qos: 1 }) }
      }),
    )
    await Promise.all(sent.map(({ done }) => done))
    const payloads = sent.map(({ payload }) => payload)
    await Promise.all(witnesses.map((witness) => witness.until(payloads)))
    return payloads
  }
  const all = [await wave('first', each), await wave('second', 5)].flat()
  for (const { heard } of witnesses) {
    assert.deepEqual([...heard.values()], new Array(all.length).fill(1))
  }
  await Promise.all(witnesses.map(({ client }) => client.endAsync(true)))
}

describe('bridges that make a circle', { skip: skipWithoutMosquitto, timeout: 120_000 }, () => {
  async function places() {
    const server = await startLastingMosquitto(['max_inflight_messages 1000'])
    const port = async (): Promise<string> => `mqtt://127.0.0.1:${await freePort()}`
    const [one, two] = [
      { name: 'one', url: await port() },
      { name: 'two', url: await port() },
    ]
    const mosquitto = { name: 'mosquitto', url: server.url }
    return { one, two, mosquitto, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  }

  it('in a ring', async () => {
    await using at = await places()
    const { one, two, mosquitto } = at
    await using _two = await hawserAt(two, [{ name: 'on', to: mosquitto, more: 'direction: out, peer: m' }])
    await using _one = await hawserAt(one, [
      { name: 'on', to: two, more: 'direction: out' },
      { name: 'back', to: mosquitto, more: 'direction: in, peer: m' },
    ])
    await assertOnceEverywhere([one, two, mosquitto])
  })

  it('in a full mesh', async () => {
    await using at = await places()
    const { one, two, mosquitto } = at
    const more = 'direction: both, mesh: all'
    await using _two = await hawserAt(two, [{ name: 'm', to: mosquitto, more }])
    await using _one = await hawserAt(one, [
      { name: 'm', to: mosquitto, more },
      { name: 'two', to: two, more },
    ])
    await assertOnceEverywhere([one, two, mosquitto])
  })

  it('in 3.1.1, to and fro between two of which one is told that a bridge comes', async () => {
    await using at = await places()
    const { one, mosquitto } = at
    await using _one = await hawserAt(one, [{ name: 'm', to: mosquitto, more: 'direction: both, version: 3.1.1' }])
    await assertOnceEverywhere([one, mosquitto])
  })
})
