/** `npm run conformance:table`: writes `docs/conformance.md`, and says what is missing. */
import { writeFileSync } from 'node:fs'
import { repositoryTree } from '../tidy/source-tree.ts'
import { missingCases, missingCode } from './table/missing.ts'
import { renderTable, tablePath } from './table/table.ts'

const tree = repositoryTree()
writeFileSync(new URL(`../../${tablePath}`, import.meta.url), renderTable(tree))
const list = (what: string, keys: readonly string[]): void => {
  if (keys.length > 0) process.stdout.write(`${keys.length} ${what}:\n${keys.map((key) => `  ${key}\n`).join('')}`)
}
list('statements without a case', missingCases(tree))
list('statements without code', missingCode(tree))
