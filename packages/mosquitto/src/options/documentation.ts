/** The table of options as docs/mosquitto.md shows it; a test holds the page to it. */
import { explanation } from '../check.ts'
import type { Argument, Option } from './option.ts'
import { optionGroups } from './table.ts'

export function optionTables(): string {
  return optionGroups
    .map(({ title, options }) =>
      [`### ${title}`, '', '| option | since | for | verdict | how, or why not |', '| --- | --- | --- | --- | --- |']
        .concat(options.flatMap(rows))
        .join('\n'),
    )
    .join('\n\n')
}

function rows(option: Option): string[] {
  const names = [option.name, ...(option.aliases ?? [])]
    .map((name) => `\`${name}${option.prefix ? '…' : ''}\``)
    .join(', ')
  const except = (option.except ?? []).map(({ values, verdict }) =>
    row([`\`${option.name} ${values.join('`, `')}\``, '', '', verdict.kind, explanation(verdict)]),
  )
  const what = `${names}${argumentText(option.argument)}`
  return [row([what, option.since, option.scope, option.verdict.kind, explanation(option.verdict)]), ...except]
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

function argumentText(argument: Argument): string {
  switch (argument.kind) {
    case 'boolean':
      return ' true, false'
    case 'integer':
      return ' number'
    case 'word':
    case 'choice':
      return argument.choices === undefined ? ' word' : ` ${argument.choices.join(', ')}`
    case 'text':
      return ' text'
    case 'duration':
      return ' duration'
    case 'unread':
      return ''
    default:
      throw argument satisfies never
  }
}
