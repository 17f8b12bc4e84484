import { describe } from 'node:test'
import { natsSkipReason } from '../servers/nats.ts'
import { liveCases } from '../workers/live-cases.ts'
import { clusterHome } from '../workers/start-node.ts'

describe('between hosts', { skip: natsSkipReason() }, () => liveCases(clusterHome))
