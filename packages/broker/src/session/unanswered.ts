/** QoS 1 and 2 publishes of one client without PUBACK or PUBCOMP, or a PUBREC that refuses: what Receive Maximum bounds. */
import { type AfterCommit, afterCommit } from '../delivery/commit-queue.ts'

/** Reason codes from here on say that it failed. */
const firstErrorCode = 0x80

export class Unanswered {
  #count = 0

  /** Answers how many there are with one more. */
  add(): number {
    return ++this.#count
  }

  /** An acknowledgement goes out: it may end a publish. */
  answered(kind: AfterCommit, code: number): void {
    const ends = kind === afterCommit.pubrec ? code >= firstErrorCode : kind !== afterCommit.pubrel
    if (ends && this.#count > 0) this.#count--
  }
}
