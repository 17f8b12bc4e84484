/** What `test/conformance` owes to the specifications. */
import { missingCases, missingCode, needlessCases, unknownKeys } from '../conformance/table/missing.ts'
import { renderTable, tablePath } from '../conformance/table/table.ts'
import type { Rule } from './source-tree.ts'

const casePath = 'test/conformance/v5/planted.test.ts'

export const knownStatements: Rule = {
  name: 'a clause that a title or the code names is one of that version, and binds a server',
  check: (tree) => [
    ...unknownKeys(tree).map(({ key, path }) => ({
      path,
      what: `${key} does not exist; v3.1.1's is written with its version`,
    })),
    ...needlessCases(tree).map(({ key, path }) => ({ path, what: `${key} is waived, or binds a client alone` })),
  ],
  planted: [
    { [casePath]: "test('v5 [MQTT-3.1.0-9] no such statement', () => {})\n" },
    { [casePath]: "test('v5 [MQTT-3.3.2-10] a client takes every alias', () => {})\n" },
    { 'packages/broker/src/planted.ts': '// v3.1.1 [MQTT-4.12.0-1]\n' },
  ],
}

export const casesForAll: Rule = {
  name: 'every statement that binds a server has a case, or the reason why not',
  check: (tree) => missingCases(tree).map((key) => ({ path: 'test/conformance', what: `no case bears ${key}` })),
  planted: [{ 'test/conformance/v5/3-1-connect.test.ts': '' }, { 'test/conformance/v3-1-1/3-1-connect.test.ts': '' }],
}

export const codeForAll: Rule = {
  name: 'every statement that binds a server is named beside the code that keeps it',
  check: (tree) => missingCode(tree).map((key) => ({ path: 'packages', what: `no code names ${key}` })),
  planted: [{ 'packages/broker/src/tick.ts': '' }],
}

export const writtenTable: Rule = {
  name: `${tablePath} is what \`npm run conformance:table\` writes`,
  check: (tree) => (renderTable(tree) === tree.get(tablePath) ? [] : [{ path: tablePath, what: 'is out of date' }]),
  planted: [{ [tablePath]: '# Conformance\n' }],
}
