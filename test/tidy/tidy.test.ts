import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bannedCalls, leftovers, noAny, ownWorld, readableFiles, realTimersInTests } from './code-rules.ts'
import { casesForAll, codeForAll, knownStatements, writtenTable } from './conformance-rules.ts'
import { arrows, declaredDependencies, noCycles } from './import-rules.ts'
import {
  documentedErrors,
  listedPackages,
  lockedNodes,
  lockedOptionals,
  noInstallScripts,
  pinnedVersions,
  publicRegistry,
} from './repository-rules.ts'
import { type Finding, type Rule, repositoryTree, type SourceTree } from './source-tree.ts'

const rules: readonly Rule[] = [
  arrows,
  declaredDependencies,
  noCycles,
  bannedCalls,
  leftovers,
  readableFiles,
  noAny,
  ownWorld,
  realTimersInTests,
  lockedNodes,
  lockedOptionals,
  publicRegistry,
  documentedErrors,
  listedPackages,
  pinnedVersions,
  noInstallScripts,
  knownStatements,
  casesForAll,
  codeForAll,
  writtenTable,
]

const shown = ({ path, line, what }: Finding): string => `${path}${line === undefined ? '' : `:${line}`}: ${what}`
const over = (tree: SourceTree, planted: Readonly<Record<string, string>>): SourceTree =>
  new Map([...tree, ...Object.entries(planted)])

const tree = repositoryTree()
for (const rule of rules) {
  describe(`tidy: ${rule.name}`, () => {
    const findings = rule.check(tree).map(shown)

    it('holds', () => assert.deepEqual(findings, []))

    for (const [index, planted] of rule.planted.entries()) {
      it(`finds planted fault ${index + 1}`, () => {
        const found = rule.check(over(tree, planted)).map(shown)
        const fresh = found.filter((finding) => !findings.includes(finding))
        assert.ok(fresh.length > 0, `not found: ${JSON.stringify(planted)}`)
      })
    }
  })
}
