/** `docs/conformance.md`, made from the statements and the repository's own text. */
import { mosquittoDifferences } from '../mosquitto/differences.ts'
import { choices } from '../statements/choices.ts'
import { bindsServer, type Statement, type Version } from '../statements/statement.ts'
import { casesIn, codeIn, type Key, keyOf, type Places, statementsOf } from './places.ts'

export const tablePath = 'docs/conformance.md'

const names: Readonly<Record<Version, string>> = { v5: 'MQTT 5.0', 'v3.1.1': 'MQTT 3.1.1' }

export function renderTable(tree: ReadonlyMap<string, string>): string {
  const cases = casesIn(tree)
  const code = codeIn(tree)
  return `${[
    ...preface(),
    ...choicesSection(),
    ...differencesSection(),
    ...(['v5', 'v3.1.1'] as const).flatMap((version) => versionSection(version, cases, code)),
  ].join('\n')}\n`
}

function preface(): string[] {
  return [
    '# Conformance',
    '',
    'Written by `npm run conformance:table` from `test/conformance/statements`, the titles of the cases and',
    'the clauses named in the code; not by hand.',
    '',
    'Every normative statement that binds a server has a case that speaks raw bytes over a socket, or the reason why',
    'no case can show it. Statements that bind a client alone stand here too, so that the count is that of the text.',
    'Run the cases with `npm run conformance`, on another broker with `npm run conformance -- host:port`.',
    '',
    '| | statements | bind a server | with a case | waived |',
    '| --- | --- | --- | --- | --- |',
    ...(['v5', 'v3.1.1'] as const).map((version) => {
      const all = statementsOf[version]
      const binding = all.filter(bindsServer)
      const waived = binding.filter(({ waived }) => waived !== undefined).length
      return `| ${names[version]} | ${all.length} | ${binding.length} | ${binding.length - waived} | ${waived} |`
    }),
  ]
}

function choicesSection(): string[] {
  return [
    '',
    '## Where the text leaves a choice',
    '',
    '| version | where | what Hawser does | why |',
    '| --- | --- | --- | --- |',
    ...choices.map(({ version, where, choice, reason }) => {
      const name = version === 'both' ? 'both' : names[version]
      return `| ${name} | ${where} | ${cell(choice)} | ${cell(reason)} |`
    }),
  ]
}

function differencesSection(): string[] {
  return [
    '',
    '## Where Mosquitto 2.0.11 differs',
    '',
    'The same cases on the Mosquitto of Debian 12; CI holds this list in both directions.',
    '',
    '| what it does | cases |',
    '| --- | --- |',
    ...mosquittoDifferences.map(({ cases, difference }) => `| ${cell(difference)} | ${cases.map(cell).join('<br>')} |`),
  ]
}

function versionSection(version: Version, cases: Places, code: Places): string[] {
  return [
    '',
    `## ${names[version]}`,
    '',
    '| id | binds | statement | case | code |',
    '| --- | --- | --- | --- | --- |',
    ...statementsOf[version].map((statement) => row(keyOf(version, statement.id), statement, cases, code)),
  ]
}

function row(key: Key, statement: Statement, cases: Places, code: Places): string {
  const { id, duty, summary, waived } = statement
  const shown = waived === undefined ? links(cases.get(key)) : `waived: ${cell(waived)}`
  const columns = bindsServer(statement) ? `${shown} | ${links(code.get(key))}` : ' | '
  return `| ${id} | ${duty} | ${cell(summary)} | ${columns} |`
}

const links = (paths: readonly string[] = []): string => paths.map((path) => `[${short(path)}](../${path})`).join(', ')

const short = (path: string): string =>
  path.replace(/^test\/conformance\//, '').replace(/^packages\/([^/]+)\/src\//, '$1/')

const cell = (text: string): string => text.replaceAll('|', '\\|')
