/** What has become of the messages of a batch, as far as it is known. */
import type { Message, WriteOutcome } from '../connector.ts'
import type { Refused } from '../refused.ts'

export type Answer =
  | { readonly kind: 'taken' }
  /** It has come from there. */
  | { readonly kind: 'returning' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly reason: string }

export class Answers {
  readonly #answers = new Map<Message, Answer>()

  note(message: Message, answer: Answer): void {
    this.#answers.set(message, answer)
  }

  /** Up to the first that has no answer. */
  beginningOf(messages: readonly Message[]): readonly Message[] {
    const at = messages.findIndex((message) => !this.#answers.has(message))
    return at === -1 ? messages : messages.slice(0, at)
  }

  refused(messages: readonly Message[]): readonly Refused[] {
    return messages.flatMap((message) => {
      const answer = this.#answers.get(message)
      return answer?.kind === 'refused' ? [{ message, reason: answer.reason }] : []
    })
  }

  outcome(messages: readonly Message[]): WriteOutcome {
    const count = (kind: Answer['kind']): number =>
      messages.filter((message) => this.#answers.get(message)?.kind === kind).length
    return {
      ...{ written: count('taken'), duplicates: count('returning'), deadLetters: count('refused') },
      dropped: count('expired'),
    }
  }
}
