/** What the file says of a connection to a server: whom it trusts, and where a secret is. */

export interface ConfigurationTls {
  readonly caFile?: string
  readonly certificateFile?: string
  readonly keyFile?: string
}

/** One of the two. */
export interface ConfigurationSecret {
  readonly file?: string | undefined
  readonly env?: string | undefined
}
