/** Where the statements stand in the repository's text: in titles of cases, and beside the code that keeps them. */

import { type Statement, type Version, versions } from '../statements/statement.ts'
import { statementsV311 } from '../statements/v3-1-1.ts'
import { statementsV5 } from '../statements/v5.ts'

/** `v5 [MQTT-3.1.0-2]`: an id alone is ambiguous. */
export type Key = `${Version} [${string}]`
/** From key to the files, sorted, that bear it. */
export type Places = ReadonlyMap<Key, readonly string[]>
type Tree = ReadonlyMap<string, string>

export const keyOf = (version: Version, id: string): Key => `${version} [${id}]`

export const statementsOf: Readonly<Record<Version, readonly Statement[]>> = {
  v5: statementsV5,
  'v3.1.1': statementsV311,
}

export const statementByKey: ReadonlyMap<Key, Statement> = new Map(
  versions.flatMap((version) => statementsOf[version].map((statement) => [keyOf(version, statement.id), statement])),
)

/** A title is a text that begins with a key; further keys may follow it. */
const title = /['"`]((?:v5|v3\.1\.1) \[MQTT-[^'"`\n]*)/g
const key = /(v5|v3\.1\.1) \[(MQTT-[\d.]+-\d+)\]/g
/** In code, a row of clauses without a version is 5.0's. */
const row = /(v3\.1\.1 )?(?:\[MQTT-[\d.]+-\d+\] ?)+/g
const clause = /MQTT-[\d.]+-\d+/g

const mentions = (text: string): Key[] =>
  [...text.matchAll(row)].flatMap(([clauses, legacy]) =>
    (clauses.match(clause) ?? []).map((id) => keyOf(legacy === undefined ? 'v5' : 'v3.1.1', id)),
  )

export const isCaseFile = (path: string): boolean => /^test\/conformance\/(v5|v3-1-1)\/.*\.test\.ts$/.test(path)

/** Code that runs in production: neither tests nor the vectors that they share. */
const isProduction = (path: string): boolean =>
  /^packages\/[^/]+\/src\/.*\.ts$/.test(path) &&
  !/\.(test|contract)\.ts$|\/(testing|vectors|contract|bench)\//.test(path)

/** The server itself: what a client of ours keeps is no duty of the broker. */
const isServer = (path: string): boolean =>
  /^packages\/(auth|broker|codec|engine|engine-local)\//.test(path) && isProduction(path)

export function casesIn(tree: Tree): Places {
  return collect(tree, isCaseFile, (text) =>
    [...text.matchAll(title)].flatMap(([, whole = '']) =>
      [...whole.matchAll(key)].map(([, version, id = '']) => keyOf(version as Version, id)),
    ),
  )
}

export const codeIn = (tree: Tree): Places => collect(tree, isServer, mentions)

/** Every clause that any code names, the clients of ours among it. */
export const mentionsIn = (tree: Tree): Places => collect(tree, isProduction, mentions)

function collect(tree: Tree, applies: (path: string) => boolean, keysOf: (text: string) => Key[]): Places {
  const places = new Map<Key, string[]>()
  for (const path of [...tree.keys()].filter(applies).sort()) {
    for (const found of new Set(keysOf(tree.get(path) ?? ''))) {
      places.set(found, [...(places.get(found) ?? []), path])
    }
  }
  return places
}
