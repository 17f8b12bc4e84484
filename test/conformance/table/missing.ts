/** What the suite owes. */
import { bindsServer, versions } from '../statements/statement.ts'
import { casesIn, codeIn, type Key, keyOf, mentionsIn, type Places, statementByKey, statementsOf } from './places.ts'

type Tree = ReadonlyMap<string, string>

const binding: readonly Key[] = versions.flatMap((version) =>
  statementsOf[version]
    .filter((statement) => bindsServer(statement) && statement.waived === undefined)
    .map(({ id }) => keyOf(version, id)),
)

export function missingCases(tree: Tree): Key[] {
  const cases = casesIn(tree)
  return binding.filter((key) => !cases.has(key))
}

/** Statements that no code names. */
export function missingCode(tree: Tree): Key[] {
  const code = codeIn(tree)
  return binding.filter((key) => !code.has(key))
}

/** Titles and comments whose id the specification of that version does not have, by the file that has them. */
export function unknownKeys(tree: Tree): { readonly key: Key; readonly path: string }[] {
  return [casesIn(tree), mentionsIn(tree)].flatMap((places) =>
    entries(places).filter(({ key }) => !statementByKey.has(key)),
  )
}

/** A case of what is waived, or of what binds a client alone: one of the two is wrong. */
export function needlessCases(tree: Tree): { readonly key: Key; readonly path: string }[] {
  return entries(casesIn(tree)).filter(({ key }) => {
    const statement = statementByKey.get(key)
    return statement !== undefined && (!bindsServer(statement) || statement.waived !== undefined)
  })
}

const entries = (places: Places): { key: Key; path: string }[] =>
  [...places].flatMap(([key, paths]) => paths.map((path) => ({ key, path })))
