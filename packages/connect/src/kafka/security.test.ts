/** Logging in to a real Kafka over TLS: each mechanism, and what is said where it is refused. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { systemClock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { type KafkaServer, kafkaSkipReason, startKafka } from '../../../../test/servers/kafka.ts'
import { makeAuthority } from '../../../../test/support/certificates.ts'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { type KafkaConnection, kafkaConnector } from './mod.ts'

const [username, password] = ['bridge', 'a good password']
const login = (module: string): string =>
  `org.apache.kafka.common.security.${module} required username="${username}" password="${password}"`

const skip = kafkaSkipReason()

describe('Kafka over TLS', { skip }, () => {
  let server: KafkaServer
  let authority: Awaited<ReturnType<typeof makeAuthority>>
  before(async () => {
    authority = await makeAuthority()
    await using folder = await temporaryFolder()
    const { certificate, key } = await authority.issue('CN=kafka', { hosts: ['127.0.0.1'] })
    const keyStore = join(folder.path, 'server.pem')
    await writeFile(keyStore, `${key}\n${certificate}\n${authority.certificate}`)
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512']
    // Of its own client, between brokers.
    const trustStore = join(folder.path, 'trusted.pem')
    await writeFile(trustStore, authority.certificate)
    server = await startKafka({
      format: scram.flatMap((name) => ['--add-scram', `${name}=[name=${username},password="${password}"]`]),
      properties: ({ port, controllerPort }) => ({
        listeners: `SASL_SSL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
        'advertised.listeners': `SASL_SSL://127.0.0.1:${port}`,
        'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name': 'SASL_SSL',
        'sasl.mechanism.inter.broker.protocol': 'PLAIN',
        'sasl.enabled.mechanisms': ['PLAIN', ...scram].join(),
        'listener.name.sasl_ssl.plain.sasl.jaas.config': `${login('plain.PlainLoginModule')} user_${username}="${password}";`,
        'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${login('scram.ScramLoginModule')};`,
        'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${login('scram.ScramLoginModule')};`,
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': keyStore,
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': trustStore,
      }),
    })
  })
  after(() => server?.[Symbol.asyncDispose]())

  async function written(how: Omit<KafkaConnection, 'brokers' | 'clientId'>) {
    await using log = contractLog()
    await using state = createMemoryState()
    append(log, 't/a', '1')
    await committed(log)
    const connection = { brokers: [server.address], clientId: 'secured', ...how }
    const options = { topic: 'secured', state, clock: systemClock, connection, filters: ['#'] }
    await using watched = watch(log, kafkaConnector(options))
    return await watched.until((view) => isCaughtUp(view) || view.lastError !== undefined)
  }

  for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
    it(`logs in by ${mechanism}`, async () => {
      const tls = { ca: authority.certificate }
      const { written: records } = await written({ tls, sasl: { mechanism, username, password } })
      assert.equal(records, 1)
    })

    it(`fails for good, and without telling the password, where ${mechanism} is refused`, async () => {
      const wrong = 'a bad password'
      const view = await written({ tls: { ca: authority.certificate }, sasl: { mechanism, username, password: wrong } })
      assert.equal(view.state.kind, 'failed', view.lastError)
      assert.match(view.lastError ?? '', /credentials/)
      assert.ok(!JSON.stringify(view).includes(wrong))
    })
  }

  it('does not trust a server that its authority does not know', async () => {
    const { lastError } = await written({ tls: {}, sasl: { mechanism: 'PLAIN', username, password } })
    assert.match(lastError ?? '', /certificate/)
  })
})
