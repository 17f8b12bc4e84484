/** Client ids that belong to a user: nobody can then take another's session, or keep it from it. */
import type { ClientCertificate } from '@hawser/broker'

export const bindingNames = ['username', 'common-name'] as const
export type BindingName = (typeof bindingNames)[number]

export type ClientIdBinding =
  | { readonly kind: 'equals'; readonly name: BindingName }
  /** The id begins with this: `%u` stands for the user name, `%n` for the certificate's common name. */
  | { readonly kind: 'prefix'; readonly prefix: string }

export interface Bound {
  readonly clientId: string
  readonly username: string | undefined
  readonly certificate: ClientCertificate | undefined
}

export function isBound(binding: ClientIdBinding, { clientId, username, certificate }: Bound): boolean {
  switch (binding.kind) {
    case 'equals':
      return clientId === (binding.name === 'username' ? username : certificate?.commonName)
    case 'prefix': {
      const prefix = filled(binding.prefix, username, certificate?.commonName)
      return prefix !== undefined && clientId.startsWith(prefix)
    }
    default:
      throw binding satisfies never
  }
}

/** Undefined where a name is missing: an empty one would bind to nothing. */
function filled(prefix: string, username: string | undefined, commonName: string | undefined): string | undefined {
  let complete = true
  const text = prefix.replace(/%[un]/g, (name) => {
    const value = name === '%u' ? username : commonName
    if (value === undefined || value === '') complete = false
    return value ?? ''
  })
  return complete ? text : undefined
}
