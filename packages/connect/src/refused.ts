import type { Message } from './connector.ts'

/** A message that a sink does not take, for good. */
export interface Refused {
  readonly message: Message
  readonly reason: string
}

/** Those that a sink has taken after all. */
export function notRefused(messages: readonly Message[], refused: readonly Refused[]): readonly Message[] {
  const left = new Set(refused.map(({ message }) => message))
  return messages.filter((message) => !left.has(message))
}
