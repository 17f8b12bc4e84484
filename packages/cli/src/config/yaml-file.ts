/** Checks the text of a configuration file, and knows on which line each of its keys stands. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Fault } from './fault.ts'
import { type Validated, validate } from './validate.ts'

export function checkConfigurationText(file: string, text: string): Validated {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const faults = document.errors.map((error): Fault => {
    const where = `${file}:${lines.linePos(error.pos[0]).line}`
    return { where, what: error.message, mend: 'write it as YAML' }
  })
  if (faults.length > 0) return { value: {}, faults }
  const validated = validate(document.toJS(), (path) => `${file}:${lineOf(document, lines, path)}`)
  return { ...validated, faults: validated.faults.toSorted((a, b) => lineNumber(a) - lineNumber(b)) }
}

const lineNumber = ({ where }: Fault): number => Number(where.slice(where.lastIndexOf(':') + 1))

/** Of the key that ends `path`; where it is missing, of what it is missing in. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const last = path[length - 1]
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === last) : undefined
    const node = pair?.key ?? document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}
