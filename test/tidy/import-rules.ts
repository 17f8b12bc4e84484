/** Who may import whom: the arrows of ARCHITECTURE.md's table are the source, so that page and code cannot part. */
import { posix } from 'node:path'
import { withoutComments } from './code-only.ts'
import { type Finding, isCode, isTest, isTidy, type Rule, type SourceTree } from './source-tree.ts'

interface Import {
  readonly from: string
  readonly line: number
  readonly specifier: string
  /** Erased before it runs: an arrow, but no edge of a circle. */
  readonly typeOnly: boolean
}

const statement = /^[ \t]*(?:(?:import|export)(\s+type\b)?[^'"`;()=]*?\bfrom\s*|import\s*)(['"])([^'"\n]+)\2/gm
const expression = /\bimport\s*\(\s*(['"])([^'"\n]+)\1/g

function importsOf(path: string, text: string): Import[] {
  const code = withoutComments(text)
  const lineOf = (index: number): number => code.slice(0, index).split('\n').length
  return [
    ...[...code.matchAll(statement)].map(({ index, 1: type, 3: specifier = '' }) => ({
      from: path,
      line: lineOf(index),
      specifier,
      typeOnly: type !== undefined,
    })),
    ...[...code.matchAll(expression)].map(({ index, 2: specifier = '' }) => ({
      from: path,
      line: lineOf(index),
      specifier,
      typeOnly: false,
    })),
  ]
}

function allImports(tree: SourceTree): Import[] {
  return [...tree].flatMap(([path, text]) => (isCode(path) && !isTidy(path) ? importsOf(path, text) : []))
}

const packageOf = (path: string): string | undefined => /^packages\/([^/]+)\//.exec(path)?.[1]

/** From package to those it may import; 'everything' has no entry that could be missing. */
export function allowedImports(architecture: string): ReadonlyMap<string, ReadonlySet<string> | 'everything'> {
  const allowed = new Map<string, ReadonlySet<string> | 'everything'>()
  for (const match of architecture.matchAll(/^\| `packages\/([\w-]+)` \|.*\| ([^|]+) \|$/gm)) {
    const [, name = '', list = ''] = match
    if (list === 'everything') allowed.set(name, 'everything')
    else allowed.set(name, new Set(list === 'nothing' ? [] : list.split(', ')))
  }
  return allowed
}

export const arrows: Rule = {
  name: 'packages import along the arrows of ARCHITECTURE.md only, and by package name',
  check(tree) {
    const allowed = allowedImports(tree.get('ARCHITECTURE.md') ?? '')
    return allImports(tree).flatMap(({ from, line, specifier }): Finding[] => {
      const own = packageOf(from)
      if (own === undefined) return []
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(from), specifier)
        const support = isTest(from) && target.startsWith('test/')
        const outside = packageOf(target) !== own && !support
        return outside ? [{ path: from, line, what: `${specifier} leaves its package` }] : []
      }
      const target = /^@hawser\/([\w-]+)/.exec(specifier)?.[1]
      if (target === undefined || target === own || isTest(from)) return []
      const mine = allowed.get(own)
      if (mine === 'everything' || mine?.has(target)) return []
      return [{ path: from, line, what: `${own} may not import ${target}` }]
    })
  },
  planted: [
    { 'packages/codec/src/planted.ts': "import { createBroker } from '@hawser/broker'\n" },
    { 'packages/codec/src/planted.ts': "export * from '../../engine/src/mod.ts'\n" },
    { 'packages/std/src/planted.ts': "const late = await import('@hawser/codec')\n" },
    { 'packages/unlisted/src/planted.ts': "import { sleep } from '@hawser/std'\n" },
    { 'packages/codec/src/planted.ts': "import {\n  a,\n  type B,\n} from '@hawser/broker'\n" },
    { 'packages/codec/src/planted.ts': "import '@hawser/broker'\n" },
  ],
}

export const declaredDependencies: Rule = {
  name: 'what a package imports stands in its package.json',
  check(tree) {
    return allImports(tree).flatMap(({ from, line, specifier }): Finding[] => {
      const own = packageOf(from)
      if (own === undefined || /^(\.|node:|virtual:)/.test(specifier)) return []
      const target = /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? specifier
      const names = dependencyNames(tree, `packages/${own}/package.json`)
      if (isTest(from)) for (const name of dependencyNames(tree, 'package.json')) names.add(name)
      if (isTest(from) && target.startsWith('@hawser/')) return []
      return names.has(target) || target === `@hawser/${own}`
        ? []
        : [{ path: from, line, what: `${target} is not declared` }]
    })
  },
  planted: [{ 'packages/codec/src/planted.ts': "import { parse } from 'yaml'\n" }],
}

function dependencyNames(tree: SourceTree, path: string): Set<string> {
  const manifest = JSON.parse(tree.get(path) ?? '{}') as Record<string, Record<string, string> | undefined>
  return new Set([
    ...Object.keys(manifest['dependencies'] ?? {}),
    ...Object.keys(manifest['devDependencies'] ?? {}),
    ...Object.keys(manifest['optionalDependencies'] ?? {}),
  ])
}

export const noCycles: Rule = {
  name: 'no circular imports between files',
  check(tree) {
    const edges = new Map<string, string[]>()
    for (const { from, specifier, typeOnly } of allImports(tree)) {
      if (typeOnly || !specifier.startsWith('.')) continue
      const target = posix.join(posix.dirname(from), specifier)
      edges.set(from, [...(edges.get(from) ?? []), target])
    }
    return findCycles(edges).map((cycle) => ({ path: cycle[0] ?? '', what: `circle ${cycle.join(' → ')}` }))
  },
  planted: [
    {
      'packages/codec/src/planted-a.ts': "import { b } from './planted-b.ts'\nexport const a = b\n",
      'packages/codec/src/planted-b.ts': "import { a } from './planted-a.ts'\nexport const b = a\n",
    },
  ],
}

function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) cycles.push([...path.slice(start), file])
    if (start >= 0 || done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  return cycles
}
