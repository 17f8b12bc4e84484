/** What a template may name between its braces. */

/** Undefined where the source has no value there. */
export type Place<Source> = (source: Source) => string | undefined

export interface Places<Source> {
  /** Undefined where there is no such place. */
  of(name: string): Place<Source> | undefined
  /** What there is, for who has written something else. */
  readonly mend: string
}

/** Places by their names, and by the word in front of the dot, told what stands behind it. */
export function placesBy<Source>(
  plain: Readonly<Record<string, Place<Source>>>,
  behind: Readonly<Record<string, (rest: string) => Place<Source> | undefined>>,
  mend: string,
): Places<Source> {
  return {
    mend,
    of(name) {
      const dot = name.indexOf('.')
      if (dot < 0) return Object.hasOwn(plain, name) ? plain[name] : undefined
      const [head, rest] = [name.slice(0, dot), name.slice(dot + 1)]
      return rest !== '' && Object.hasOwn(behind, head) ? behind[head]?.(rest) : undefined
    },
  }
}
