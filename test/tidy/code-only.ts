/**
 * Blanks what is not code, keeping every line where it is: comments always, and the inside of strings if asked, so
 * that a rule about calls does not trip over a sentence about them.
 */
const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[(,=:[!&|?{};\n]\s*|return\s+)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g

const blank = (text: string): string => text.replace(/[^\n]/g, ' ')

export function withoutComments(text: string): string {
  return text.replace(token, (match) => (/^\/[/*]/.test(match) ? blank(match) : match))
}

export function codeOnly(text: string): string {
  return text.replace(token, (match) => (match.startsWith('`') ? templateCode(match) : blank(match)))
}

/** A template's `${…}` are code, its text is not. */
function templateCode(template: string): string {
  return template.replace(/\$\{([^}]*)\}|[^\n]/g, (_character, inner: string | undefined) =>
    inner === undefined ? ' ' : `  ${inner} `,
  )
}

/** The comments alone, each at its line. */
export function commentsOnly(text: string): string {
  let result = ''
  let end = 0
  for (const match of text.matchAll(token)) {
    const kept = /^\/[/*]/.test(match[0]) ? match[0] : blank(match[0])
    result += blank(text.slice(end, match.index)) + kept
    end = match.index + match[0].length
  }
  return result + blank(text.slice(end))
}
