/** The broker's port for who may do what, over Mosquitto's own files. */
import {
  type Access,
  type AuthenticationMethod,
  type Authorizer,
  anonymousMethod,
  CertificateMethod,
  type CertificateName,
  type Chain,
  ConfiguredAccess,
  PasswordMethod,
  type Reloadable,
  Rules,
  StoredPasswords,
  systemHasher,
} from '@hawser/auth'
import type { Clock, Random } from '@hawser/std'
import { AclAuthorizer } from './acl-authorizer.ts'
import { asMosquitto, claimedName, clientIdPrefix } from './login.ts'

/** The rules of one listener. */
export interface MosquittoDoor {
  readonly allowAnonymous?: boolean | undefined
  readonly passwordFile?: string | undefined
  readonly aclFile?: string | undefined
  /** What of the client certificate is the user name. */
  readonly username?: CertificateName | undefined
}

export interface MosquittoAccessOptions {
  /** By the listener's name; at others nobody gets in. */
  readonly listeners: Readonly<Record<string, MosquittoDoor>>
  readonly clientIdPrefix?: string | undefined
}

export interface MosquittoAccessContext {
  readonly clock: Clock
  readonly random: Random
  readonly onFault: (what: string, error: unknown) => void
}

export async function openMosquittoAccess(
  options: MosquittoAccessOptions,
  context: MosquittoAccessContext,
): Promise<Access> {
  await using opening = new OpenFiles(context)
  const { clientIdPrefix: prefix } = options
  const chains = new Map<string, Chain>()
  const acls = new Map<string, AclAuthorizer>()
  for (const [name, door] of Object.entries(options.listeners)) {
    const methods = await methodsOf(door, opening)
    chains.set(name, { methods: prefix === undefined ? methods : [clientIdPrefix(prefix), ...methods], exchanges: [] })
    if (door.aclFile !== undefined) acls.set(name, await opening.acl(door.aclFile))
  }
  return new ConfiguredAccess({
    chains,
    chain: { methods: [], exchanges: [] },
    binding: undefined,
    rules: new Rules({ rules: [], otherwise: 'deny', subscriptions: 'at-delivery' }),
    authorizer: byListener(acls),
    files: opening.files,
    resources: [opening.move()],
    onFault: context.onFault,
  })
}

async function methodsOf(door: MosquittoDoor, opening: OpenFiles): Promise<AuthenticationMethod[]> {
  const { allowAnonymous = false, passwordFile, username } = door
  if (username !== undefined) return [new CertificateMethod(username)]
  if (passwordFile === undefined) return allowAnonymous ? [claimedName] : []
  const passwords = await opening.passwords(passwordFile)
  return allowAnonymous ? [passwords, anonymousMethod] : [passwords]
}

/** Each file is read once, however many listeners name it. */
class OpenFiles implements AsyncDisposable {
  readonly #context: MosquittoAccessContext
  readonly #passwords = new Map<string, AuthenticationMethod>()
  readonly #acls = new Map<string, AclAuthorizer>()
  readonly #resources = new AsyncDisposableStack()
  readonly files: Reloadable[] = []

  constructor(context: MosquittoAccessContext) {
    this.#context = context
  }

  async passwords(file: string): Promise<AuthenticationMethod> {
    const known = this.#passwords.get(file)
    if (known !== undefined) return known
    const { clock, random } = this.#context
    const passwords = await StoredPasswords.open(file, random)
    this.files.push(passwords)
    const method = asMosquitto(new PasswordMethod({ passwords, hasher: systemHasher, clock, random }))
    this.#passwords.set(file, this.#resources.use(method))
    return method
  }

  async acl(file: string): Promise<AclAuthorizer> {
    const known = this.#acls.get(file)
    if (known !== undefined) return known
    const acl = await AclAuthorizer.open(file)
    this.files.push(acl)
    this.#acls.set(file, acl)
    return acl
  }

  /** Hands what is open to whoever closes it later. */
  move(): AsyncDisposable {
    return this.#resources.move()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#resources.disposed) await this.#resources.disposeAsync()
  }
}

function byListener(acls: ReadonlyMap<string, AclAuthorizer>): Authorizer {
  return {
    authorize: (identity, action, topic) => acls.get(identity.listener)?.authorize(identity, action, topic) ?? true,
    forget() {
      for (const acl of acls.values()) acl.forget()
    },
  }
}
