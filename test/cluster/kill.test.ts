/** Hosts are killed: what they have acknowledged is on a quorum of servers. */
import { describe } from 'node:test'
import { natsSkipReason } from '../servers/nats.ts'
import { killCases } from '../workers/kill-cases.ts'
import { clusterHome } from '../workers/start-node.ts'

describe('hosts', { skip: natsSkipReason() }, () => killCases(clusterHome))
