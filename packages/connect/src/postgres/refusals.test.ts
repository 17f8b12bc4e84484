/** What a real server says to whoever may not come in, or not now: the first is `failed`, the second tried again. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { postgresSkipReason, startPostgres } from '../../../../test/servers/postgres.ts'
import { append, committed, contractLog, isCaughtUp, watch } from '../contract/bench-log.ts'
import { openPostgresDatabase, rawConnector } from './mod.ts'

describe('PostgreSQL refuses a connection', { skip: postgresSkipReason() }, () => {
  it('fails where the role may not log in, and waits where it has too many connections', async () => {
    await using server = await startPostgres()
    await using superuser = await openPostgresDatabase({ url: server.url })
    for (const role of ['outsider NOLOGIN', 'limited LOGIN CONNECTION LIMIT 0']) {
      await superuser.query(`CREATE ROLE ${role}`)
    }
    await superuser.query('GRANT CREATE ON DATABASE postgres TO limited')
    await using log = contractLog()
    append(log, 't', '{}')
    await committed(log)
    const as = (role: string) => openPostgresDatabase({ url: server.url.replace('//hawser@', `//${role}@`) })

    await using outsider = await as('outsider')
    await using failing = watch(log, rawConnector({ name: 'outsider', database: outsider, filters: ['#'] }))
    const { state } = await failing.until((view) => view.state.kind === 'failed')
    assert.match(state.kind === 'failed' ? state.reason : '', /SQLSTATE 28000/)

    await using limited = await as('limited')
    await using waiting = watch(log, rawConnector({ name: 'limited', database: limited, filters: ['#'] }))
    const refused = await waiting.until((view) => view.lastError !== undefined)
    assert.match(refused.lastError ?? '', /SQLSTATE 53300/)
    assert.notEqual(refused.state.kind, 'failed')
    await superuser.query('ALTER ROLE limited CONNECTION LIMIT -1')
    await waiting.until((view) => view.written === 1 && isCaughtUp(view))
  })
})
