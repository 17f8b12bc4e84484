/**
 * The normative statements of the two specifications as data: whose duty each is, in our own words, and why one that
 * binds a server cannot be tested from outside. Its test bears it in its title, so no statement names its test.
 *
 * 121 ids stand in both specifications, many with another meaning: an id means something only together with its version.
 */
export const versions = ['v5', 'v3.1.1'] as const
export type Version = (typeof versions)[number]

/** `both`: the server must keep it too, so it needs a test or a waiver as `server` does. */
export type Duty = 'server' | 'client' | 'both'

export interface Statement {
  /** As the specification writes it, without brackets: `MQTT-3.1.2-4`. */
  readonly id: string
  readonly duty: Duty
  readonly summary: string
  /** Why no test can show it over a socket. Only for statements that bind the server. */
  readonly waived?: string
}

type Tuple = readonly [id: string, summary: string, waived?: string]

const statement = (duty: Duty, [id, summary, waived]: Tuple): Statement => ({
  id: `MQTT-${id}`,
  duty,
  summary,
  ...(waived !== undefined && { waived }),
})

/** One statement a line, in the order of the text: `server('3.1.2-4', 'a Clean Start of 1 discards the session')`. */
export const server = (...tuple: Tuple): Statement => statement('server', tuple)
export const client = (...tuple: Tuple): Statement => statement('client', tuple)
export const both = (...tuple: Tuple): Statement => statement('both', tuple)

export const bindsServer = ({ duty }: Statement): boolean => duty !== 'client'
