/** What we know of one option of mosquitto.conf, as data: parser, `--check`, mapping and documentation read it. */

/** What stands behind an option's name. */
export type Argument =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  /** The first word; what follows is not read. */
  | { readonly kind: 'word'; readonly choices?: readonly string[] }
  /** One of these words, and for some of them more behind it. */
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly followed: readonly string[] }
  /** The rest of the line, with inner blanks and `#`. */
  | { readonly kind: 'text' }
  /** A number and one of s, h, d, w, m, y: in seconds. */
  | { readonly kind: 'duration' }
  /** Nothing that is read. */
  | { readonly kind: 'unread' }

/**
 * Where an option belongs. `security` is for the whole broker, or for the listener above it where
 * `per_listener_settings` is true.
 */
export const scopes = ['global', 'listener', 'security', 'bridge', 'plugin'] as const
export type Scope = (typeof scopes)[number]

export type Verdict =
  | { readonly kind: 'honoured'; readonly how: string }
  | { readonly kind: 'harmless'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string; readonly mend: string }

/** Some values of an option are judged otherwise than the rest of it. */
export interface ValueVerdict {
  readonly values: readonly (string | number | boolean)[]
  readonly verdict: Verdict
}

export interface Option {
  readonly name: string
  /** Other spellings that Mosquitto takes for the same. */
  readonly aliases?: readonly string[]
  /** The name is only the beginning: `plugin_opt_…`. */
  readonly prefix?: true
  readonly argument: Argument
  readonly scope: Scope
  readonly since: '2.0' | '2.1'
  readonly verdict: Verdict
  readonly except?: readonly ValueVerdict[]
  /** Given again: the last one counts, Mosquitto refuses it, or it adds to the one before. */
  readonly again?: 'last' | 'refused' | 'adds'
  /** Never shown. */
  readonly secret?: true
}

export const honoured = (how: string): Verdict => ({ kind: 'honoured', how })
export const harmless = (why: string): Verdict => ({ kind: 'harmless', why })
export const refused = (why: string, mend: string): Verdict => ({ kind: 'refused', why, mend })

export const boolean: Argument = { kind: 'boolean' }
export const text: Argument = { kind: 'text' }
export const unread: Argument = { kind: 'unread' }
export const word = (...choices: readonly string[]): Argument =>
  choices.length === 0 ? { kind: 'word' } : { kind: 'word', choices }
export const integer = (min: number, max: number): Argument => ({ kind: 'integer', min, max })

/** Mosquitto keeps most numbers in a C int, and takes one below 0 for "no limit". */
export const anyInteger = integer(-2_147_483_648, 2_147_483_647)
