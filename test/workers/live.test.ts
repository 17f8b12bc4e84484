import { describe } from 'node:test'
import { liveCases } from './live-cases.ts'
import { folderHome } from './start-node.ts'

describe('between processes', () => liveCases(folderHome))
