/** What a check says of one part: it works, it does not and how to mend it, or why nobody looked. */
export interface Subject {
  /** Stable, for scripts: `part:sensors`, `broker:tcp`. */
  readonly name: string
  /** For people. */
  readonly what: string
}

export type Finding = Subject &
  (
    | { readonly status: 'passed'; readonly figure: string }
    | { readonly status: 'failed'; readonly figure: string; readonly mend: string }
    | { readonly status: 'skipped'; readonly figure: string }
  )

export const passed = (subject: Subject, figure: string): Finding => ({ ...subject, status: 'passed', figure })

export const failed = (subject: Subject, figure: string, mend: string): Finding => ({
  ...subject,
  status: 'failed',
  figure,
  mend,
})

/** With the reason in place of the figure. */
export const skipped = (subject: Subject, figure: string): Finding => ({ ...subject, status: 'skipped', figure })
