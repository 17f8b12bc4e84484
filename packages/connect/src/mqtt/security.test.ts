/** TLS to a Mosquitto that wants a certificate of whoever comes. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createMemoryState } from '@hawser/engine/memory'
import { systemClock as clock } from '@hawser/std'
import { temporaryFolder } from '@hawser/std/testing'
import { skipWithoutMosquitto, startLastingMosquitto } from '../../../../test/servers/mosquitto.ts'
import { makeAuthority } from '../../../../test/support/certificates.ts'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { mqttConnector } from './mod.ts'

describe('another broker behind TLS', { skip: skipWithoutMosquitto, timeout: 60_000 }, () => {
  it('takes what comes with a certificate of an authority that it knows, and goes unused where we do not know its own', async () => {
    await using folder = await temporaryFolder()
    const authority = await makeAuthority()
    const server = await authority.issue('CN=broker', { hosts: ['127.0.0.1'] })
    const own = await authority.issue('CN=site-7')
    const options = { cafile: authority.certificate, certfile: server.certificate, keyfile: server.key }
    const lines = ['require_certificate true']
    for (const [option, pem] of Object.entries(options)) {
      const file = join(folder.path, option)
      await writeFile(file, pem)
      lines.push(`${option} ${file}`)
    }
    await using broker = await startLastingMosquitto(lines)
    const url = broker.url.replace('mqtt:', 'mqtts:')
    await using log = contractLog()
    append(log, 'a', 'x')
    await committed(log)
    const certified = { cert: own.certificate, key: own.key }
    await using state = createMemoryState()
    const to = (name: string, tls: { ca?: string; cert?: string; key?: string }) =>
      watch(log, mqttConnector({ name, state, clock, filters: ['#'], peer: { url, tls } }))
    const errorOf = async (name: string, tls: { ca?: string; cert?: string; key?: string }): Promise<string> => {
      await using watched = to(name, tls)
      const view = await watched.until(({ lastError }) => lastError !== undefined)
      assert.equal(view.written, 0)
      return view.lastError ?? ''
    }
    assert.match(await errorOf('stranger', certified), /self-signed certificate|unable to (get|verify)/)
    const stranger = await (await makeAuthority('another')).issue('CN=site-7')
    await errorOf('uncertified', { ca: authority.certificate, cert: stranger.certificate, key: stranger.key })
    await using watched = to('known', { ca: authority.certificate, ...certified })
    assert.equal((await watched.until(isCaughtUp)).written, 1)
  })
})
