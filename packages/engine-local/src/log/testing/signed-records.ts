/** Bodies that prove themselves: who wrote them, which in turn they were, and that no byte of them has changed. */
import { createHash } from 'node:crypto'

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

export function signedBody(generation: number, sequence: number, fillerBytes: number): string {
  const content = `${generation}:${sequence}:${'x'.repeat(fillerBytes)}`
  return `${digestOf(content)}:${content}`
}

/** Undefined where the body is not one of ours. */
export function verifyBody(body: string): { readonly generation: number; readonly sequence: number } | undefined {
  const [digest, generation, sequence] = body.split(':', 3)
  if (digest !== digestOf(body.slice(body.indexOf(':') + 1))) return undefined
  return { generation: Number(generation), sequence: Number(sequence) }
}
