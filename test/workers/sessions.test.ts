import { describe } from 'node:test'
import { sessionCases } from './sessions-cases.ts'
import { folderHome } from './start-node.ts'

describe('session between processes', () => sessionCases(folderHome))
