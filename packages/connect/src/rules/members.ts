const tokens = /"(?:[^"\\]+|\\.)*"|[{}[\],:]/gs

/**
 * The members of a JSON object in the order of its text, each value as it is written. A JavaScript object would put
 * names such as `1` first. Of a name that is there twice the last value counts. The text is valid.
 */
export function membersOf(text: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>()
  let depth = 0
  let name: string | undefined
  let from = 0
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (depth === 1) {
      if (name === undefined && token.startsWith('"')) name = String(JSON.parse(token))
      else if (token === ':') from = index + 1
      else if (name !== undefined && (token === ',' || token === '}')) {
        members.set(name, text.slice(from, index).trim())
        name = undefined
      }
    }
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
  }
  return members
}

export const objectText = (members: Iterable<readonly [string, string]>): string =>
  `{${Array.from(members, ([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
