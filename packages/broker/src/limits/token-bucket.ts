/** So many a second, and as many at once after a quiet second. It has no timer: time is told with each question. */
export class TokenBucket {
  #tokens: number
  #atMs: number

  constructor(perSecond: number, nowMs: number) {
    this.#tokens = perSecond
    this.#atMs = nowMs
  }

  /** What may be taken now, at most a second's worth; below 0 after more was taken than there was. */
  available(perSecond: number, nowMs: number): number {
    const gained = ((nowMs - this.#atMs) / 1000) * perSecond
    this.#tokens = Math.min(perSecond, this.#tokens + gained)
    this.#atMs = nowMs
    return this.#tokens
  }

  take(count: number): void {
    this.#tokens -= count
  }

  /** Takes one if there is one. */
  tryTake(perSecond: number, nowMs: number): boolean {
    if (this.available(perSecond, nowMs) < 1) return false
    this.#tokens--
    return true
  }
}
