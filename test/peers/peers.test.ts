/** Clients that others wrote, in five languages, against Hawser: the same scenarios for all, both versions. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { temporaryFolder } from '@hawser/std/testing'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { makeAuthority } from '../support/certificates.ts'
import { type PeerKind, peerKinds } from './kinds.ts'
import { Peer, type Transport, type Version } from './peer.ts'
import { ReceiveWindow } from './receive-window.ts'
import { type ConnectOptions, type Scenario, type Stage, scenarios } from './scenarios.ts'

const host = '127.0.0.1'
const sessionSeconds = 3_600
const hasSpoken = /ready: mqtt:\/\/[^:]+:(\d+) ws:\/\/[^:]+:(\d+) mqtts:\/\/[^:]+:(\d+)/

interface Doors {
  readonly ports: Readonly<Record<Transport, number>>
  readonly ca: string
}

/** A `hawser broker` with the three doors that the clients know. */
async function openDoors(owner: AsyncDisposableStack): Promise<Doors> {
  const folder = owner.use(await temporaryFolder())
  const authority = await makeAuthority()
  const { certificate, key } = await authority.issue('CN=hawser', { hosts: [host] })
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder.path, name)
    await writeFile(path, text)
    return path
  }
  const ca = await write('ca.pem', authority.certificate)
  const tls = ['--tls-port', '0', '--cert', await write('cert.pem', certificate), '--key', await write('key.pem', key)]
  const data = ['--data-dir', join(folder.path, 'data')]
  const hawser = owner.use(startHawser(['broker', '--port', '0', '--ws-port', '0', ...tls, ...data]))
  const [, tcp, ws, mqtts] = await hawser.prints(hasSpoken)
  return { ca, ports: { tcp: Number(tcp), ws: Number(ws), tls: Number(mqtts) } }
}

let stages = 0

function stageFor(kind: PeerKind, version: Version, { ports, ca }: Doors, owner: AsyncDisposableStack): Stage {
  const topic = `peers/${stages++}`
  let clients = 0
  return {
    version,
    topic,
    async connect({ name, transport = 'tcp', clean = true, receiveMaximum, port, will }: ConnectOptions = {}) {
      const peer = owner.use(new Peer(kind.command))
      const sessionPresent = await peer.connect({
        host,
        port: port ?? ports[transport],
        transport,
        version,
        clientId: `${topic.replace('/', '-')}-${name ?? clients++}`,
        clean,
        ...(transport === 'tls' && { ca }),
        ...(!clean && version === 5 && { expirySeconds: sessionSeconds }),
        ...(receiveMaximum !== undefined && { receiveMaximum }),
        ...(will && { will: { ...will, topic, retain: false } }),
      })
      return { peer, sessionPresent }
    },
    window: async () => owner.use(await ReceiveWindow.before(ports.tcp)),
  }
}

const needs = ({ transport = 'tcp' }: Scenario, kind: PeerKind): string | false =>
  kind.transports.includes(transport) ? false : `the library has no ${transport}`

describe('independent clients', () => {
  const owner = new AsyncDisposableStack()
  let doors: Doors
  before(async () => {
    doors = await openDoors(owner)
  })
  after(() => owner.disposeAsync())

  for (const kind of peerKinds) {
    describe(kind.name, { skip: kind.skip }, () => {
      for (const scenario of scenarios) {
        for (const version of scenario.versions) {
          const why = kind.waived[scenario.name] ?? needs(scenario, kind)
          if (why !== false) continue
          it(`${version === 5 ? '5.0' : '3.1.1'}: ${scenario.name}`, async () => {
            await using stack = new AsyncDisposableStack()
            await scenario.play(stageFor(kind, version, doors, stack))
          })
        }
      }
    })
  }

  it('are waived only what is a scenario', () => {
    const names = scenarios.map(({ name }) => name)
    for (const { waived } of peerKinds) for (const name of Object.keys(waived)) assert.ok(names.includes(name), name)
  })
})
