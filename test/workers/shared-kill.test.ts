import { describe } from 'node:test'
import { sharedKillCases } from './shared-kill-cases.ts'
import { folderHome } from './start-node.ts'

describe('a shared subscription over processes that are killed', () => sharedKillCases(folderHome))
