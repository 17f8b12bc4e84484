import { describe } from 'node:test'
import { natsSkipReason } from '../servers/nats.ts'
import { sharedKillCases } from '../workers/shared-kill-cases.ts'
import { clusterHome } from '../workers/start-node.ts'

describe('a shared subscription over hosts that are killed', { skip: natsSkipReason() }, () =>
  sharedKillCases(clusterHome),
)
