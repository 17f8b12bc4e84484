import { describe } from 'node:test'
import { natsSkipReason } from '../servers/nats.ts'
import { sessionCases } from '../workers/sessions-cases.ts'
import { clusterHome } from '../workers/start-node.ts'

describe('session between hosts', { skip: natsSkipReason() }, () => sessionCases(clusterHome))
