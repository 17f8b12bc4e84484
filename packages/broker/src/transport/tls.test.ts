import assert from 'node:assert/strict'
import { once } from 'node:events'
import { before, describe, it } from 'node:test'
import tls from 'node:tls'
import { type Authority, type Certified, makeAuthority } from '../../../../test/support/certificates.ts'
import { allowAll, type Candidate } from '../access.ts'
import { type BrokerUnderTest, brokerUnderTest } from '../testing/broker-under-test.ts'
import { connectMqtt, echoes, listenerOf } from '../testing/connect-mqtt.ts'
import type { ListenerOptions, TlsOptions } from './listener-options.ts'

const at = { host: '127.0.0.1', port: 0 } as const

let authority: Authority
let server: Certified
let other: Certified
let pump: Certified

before(async () => {
  authority = await makeAuthority()
  server = await authority.issue('CN=broker', { hosts: ['127.0.0.1', 'localhost'], days: 20 })
  other = await authority.issue('CN=other', { hosts: ['other.example', '*.wild.example'], days: 10 })
  pump = await authority.issue('CN=pump-7,O=Works')
})

const own = (further: Partial<TlsOptions> = {}): TlsOptions => ({ ...server, ...further })
const listeners = (options: TlsOptions): readonly ListenerOptions[] => [
  { protocol: 'mqtts', name: 'tls', ...at, tls: options },
  { protocol: 'wss', name: 'wss', ...at, tls: options },
]
const doors = ['tls', 'wss'] as const

const refusals = ({ broker }: BrokerUnderTest) => broker.stats().counters.refusedAtDoor

describe('TLS', () => {
  for (const door of doors) {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`${door}: carries messages by ${version}`, async () => {
        await using under = await brokerUnderTest({ listeners: listeners(own()) })
        const options = { ca: authority.certificate, minVersion: version, maxVersion: version }
        await using client = await connectMqtt(listenerOf(under.broker, door), options)
        await echoes(client)
        const large = 'x'.repeat(300_000)
        const arrived = new Promise((resolve) => client.client.once('message', (_topic, payload) => resolve(payload)))
        await client.client.publishAsync('echo', large, { qos: 1 })
        assert.equal(`${await arrived}`, large)
      })
    }

    it(`${door}: takes the certificate that an authority has signed, and knows whose it is`, async () => {
      const seen: (Candidate['certificate'] | undefined)[] = []
      const access = {
        ...allowAll,
        authenticate(candidate: Candidate) {
          seen.push(candidate.certificate)
          return allowAll.authenticate(candidate)
        },
      }
      const options = own({ ca: authority.certificate, clientCertificate: 'require' })
      await using under = await brokerUnderTest({ listeners: listeners(options), access })
      const identity = { ca: authority.certificate, cert: pump.certificate, key: pump.key }
      await using client = await connectMqtt(listenerOf(under.broker, door), identity)
      await echoes(client)
      assert.equal(seen[0]?.commonName, 'pump-7')
      assert.equal(seen[0]?.subject, 'O=Works,CN=pump-7')
      assert.match(seen[0]?.fingerprint256 ?? '', /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    })

    for (const mode of ['require', 'request'] as const) {
      it(`${door}: where certificates are ${mode === 'require' ? 'required' : 'requested'}, one of a stranger is refused and counted`, async () => {
        const stranger = await (await makeAuthority('stranger')).issue('CN=pump-7')
        const options = own({ ca: authority.certificate, clientCertificate: mode })
        await using under = await brokerUnderTest({ listeners: listeners(options) })
        const identity = { ca: authority.certificate, cert: stranger.certificate, key: stranger.key }
        await assert.rejects(connectMqtt(listenerOf(under.broker, door), identity))
        assert.equal(refusals(under)['client-certificate'], 1)
      })

      it(`${door}: where certificates are ${mode === 'require' ? 'required' : 'requested'}, a revoked one is refused, others are not`, async () => {
        const crl = await authority.revoke(pump)
        const valve = await authority.issue('CN=valve')
        const options = own({ ca: authority.certificate, crl, clientCertificate: mode })
        await using under = await brokerUnderTest({ listeners: listeners(options) })
        const connect = ({ certificate, key }: Certified) =>
          connectMqtt(listenerOf(under.broker, door), { ca: authority.certificate, cert: certificate, key })
        await assert.rejects(connect(pump))
        assert.equal(refusals(under)['client-certificate'], 1)
        await using client = await connect(valve)
        await echoes(client)
      })
    }

    it(`${door}: without a certificate nobody passes where one is required, everybody where it is asked for`, async () => {
      for (const [mode, passes] of [
        ['require', false],
        ['request', true],
      ] as const) {
        const options = own({ ca: authority.certificate, clientCertificate: mode })
        await using under = await brokerUnderTest({ listeners: listeners(options) })
        const connecting = connectMqtt(listenerOf(under.broker, door), { ca: authority.certificate })
        if (passes) {
          await using client = await connecting
          await echoes(client)
        } else {
          await assert.rejects(connecting)
          assert.equal(refusals(under)['client-certificate'], 1)
        }
      }
    })
  }

  it('shows each name its certificate, and its own where none fits', async () => {
    const names = { 'other.example': other, '*.wild.example': other }
    await using under = await brokerUnderTest({ listeners: listeners(own({ names })) })
    for (const [servername, subject] of [
      ['other.example', 'other'],
      ['OTHER.example', 'other'],
      ['a.wild.example', 'other'],
      ['a.b.wild.example', 'broker'],
      ['wild.example', 'broker'],
      ['else.example', 'broker'],
    ] as const) {
      assert.equal(await shownTo(listenerOf(under.broker, 'tls').port, servername), subject, servername)
    }
    const endsAtMs = listenerOf(under.broker, 'tls').certificateEndsAtMs ?? 0
    const days = (endsAtMs - under.broker.stats().startedAtMicros / 1000) / 86_400_000
    assert.ok(days > 9 && days < 11, `the first ends in ${days} days`)
  })

  it('speaks nothing older than it is told', async () => {
    await using under = await brokerUnderTest({ listeners: listeners(own({ minVersion: 'TLSv1.3' })) })
    const connect = (maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
      connectMqtt(listenerOf(under.broker, 'tls'), { ca: authority.certificate, maxVersion })
    await assert.rejects(connect('TLSv1.2'))
    assert.equal(refusals(under)['tls-handshake'], 1)
    await using client = await connect('TLSv1.3')
    await echoes(client)
  })

  it('refuses what is no certificate, no key, or not the key of it, before it listens', async () => {
    const refused = (options: Partial<TlsOptions>, line: RegExp) =>
      assert.rejects(brokerUnderTest({ listeners: listeners(own(options)) }), { code: 'CONFIG_INVALID', message: line })
    await refused({ key: pump.key }, /listener tls: the key is not that of the certificate/)
    await refused({ certificate: 'nothing' }, /listener tls: /)
    await refused({ crl: 'nothing' }, /listener tls: there is no revocation list/)
    await refused(
      { names: { 'other.example': { ...other, key: pump.key } } },
      /listener tls, certificate of other\.example: /,
    )
    await refused({ ciphers: 'NO-SUCH' }, /listener tls: /)
  })
})

describe('reload', () => {
  it('shows new certificates to new clients and drops nobody', async () => {
    await using under = await brokerUnderTest({ listeners: listeners(own()) })
    const { port } = listenerOf(under.broker, 'tls')
    await using client = await connectMqtt(listenerOf(under.broker, 'tls'), { ca: authority.certificate })
    const names = { 'other.example': other }
    const answer = await under.broker.reload({ listeners: listeners(own({ ...other, names: { localhost: server } })) })
    assert.deepEqual(answer, { changed: ['tls', 'wss'], needsRestart: [] })
    assert.equal(await shownTo(port, 'else.example'), 'other')
    assert.equal(await shownTo(port, 'localhost'), 'broker')
    await under.broker.reload({ listeners: listeners(own({ names })) })
    assert.equal(await shownTo(port, 'else.example'), 'broker')
    await echoes(client)
  })

  it('keeps all that was in force where one file is bad, and says why', async () => {
    await using under = await brokerUnderTest({ listeners: listeners(own()) })
    const [good, bad] = [listeners(own(other)), listeners(own({ key: pump.key }))]
    const reloading = under.broker.reload({ listeners: [good[0] as ListenerOptions, bad[1] as ListenerOptions] })
    await assert.rejects(reloading, { code: 'CONFIG_INVALID', message: /listener wss: the key is not/ })
    assert.equal(await shownTo(listenerOf(under.broker, 'tls').port, 'else.example'), 'broker')
  })

  it('says what takes a restart, and changes the rest', async () => {
    await using under = await brokerUnderTest({ listeners: listeners(own()) })
    const [tlsListener] = listeners(own(other))
    const answer = await under.broker.reload({
      listeners: [
        { ...(tlsListener as ListenerOptions), ...at, port: 1 },
        { protocol: 'mqtt', name: 'new', ...at },
      ],
    })
    assert.deepEqual(answer, {
      changed: [],
      needsRestart: ['listener tls has another address or protocol', 'listener new is new', 'listener wss is gone'],
    })
    const listener = listenerOf(under.broker, 'tls')
    assert.equal(await shownTo(listener.port, 'else.example'), 'broker')
  })

  it('lets nobody back in by a resumed session who has been revoked since', async () => {
    const options = own({ ca: authority.certificate, clientCertificate: 'require', crl: await authority.revoke() })
    await using under = await brokerUnderTest({ listeners: listeners(options) })
    const { port } = listenerOf(under.broker, 'tls')
    const identity = { ca: authority.certificate, cert: pump.certificate, key: pump.key }
    const session = await sessionOf(port, identity)
    assert.equal(await resumes(port, identity, session), 'resumed')
    await under.broker.reload({ listeners: listeners({ ...options, crl: await authority.revoke(pump) }) })
    assert.equal(await resumes(port, identity, session), 'refused')
  })
})

/** The common name of the certificate that a client is shown. */
async function shownTo(port: number, servername: string): Promise<unknown> {
  const socket = tls.connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { CN } = socket.getPeerCertificate().subject
  socket.destroy()
  return CN
}

const ping = Buffer.from('101000044d5154540402003c000474657374', 'hex')

function sessionOf(port: number, identity: tls.ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', ...identity }, () => socket.write(ping))
    socket.on('error', reject)
    socket.once('session', (session) => {
      socket.destroy()
      resolve(session)
    })
    socket.resume()
  })
}

function resumes(
  port: number,
  identity: tls.ConnectionOptions,
  session: Buffer,
): Promise<'resumed' | 'anew' | 'refused'> {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: '127.0.0.1', ...identity, session }, () => socket.write(ping))
    socket.on('error', () => resolve('refused'))
    socket.on('close', () => resolve('refused'))
    // A certificate that the server refuses shows only after the client's own side of the handshake.
    socket.once('data', () => {
      resolve(socket.isSessionReused() ? 'resumed' : 'anew')
      socket.destroy()
    })
  })
}
