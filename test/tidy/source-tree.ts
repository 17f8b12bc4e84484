/** The repository's own text files, as data: a rule reads them from disk or, in its own test, from a planted fault. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** From the path relative to the root, with forward slashes, to the text. */
export type SourceTree = ReadonlyMap<string, string>

export interface Finding {
  readonly path: string
  readonly line?: number
  readonly what: string
}

export interface Rule {
  readonly name: string
  check(tree: SourceTree): readonly Finding[]
  /** Files that break the rule; laid over the real tree, each must be found. */
  readonly planted: readonly Readonly<Record<string, string>>[]
}

const skippedFolders = new Set(['node_modules', '.git', 'dist', '.hawser', '.cache', 'artifacts'])
const textFile = /\.(ts|tsx|mjs|js|json|md|css|html|yaml|yml|sql|sh|py)$|(^|\/)(\.npmrc|\.ci\/run|LICENSE)$/

export function repositoryTree(): SourceTree {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const tree = new Map<string, string>()
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && !skippedFolders.has(entry.name)) walk(path)
      if (entry.isFile() && textFile.test(path)) tree.set(path, readFileSync(join(root, path), 'utf8'))
    }
  }
  walk('')
  return tree
}

export const isCode = (path: string): boolean => /\.(ts|tsx|mjs|js)$/.test(path)
export const isTest = (path: string): boolean =>
  /\.(test|contract)\.tsx?$/.test(path) || /(^|\/)(test|testing|contract)\//.test(path)
/** The rules' own files quote what they forbid. */
export const isTidy = (path: string): boolean => path.startsWith('test/tidy/')

/** One finding per line of `text` that `pattern` matches. */
export function linesMatching(path: string, text: string, pattern: RegExp, what: string): Finding[] {
  return text.split('\n').flatMap((line, index) => (pattern.test(line) ? [{ path, line: index + 1, what }] : []))
}
