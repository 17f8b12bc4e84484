/** Who may come in and what it may do, as configured. */
import type { AccessAction } from '@hawser/broker'

/** In the order in which they are asked where `chain` says nothing: what cannot be mistaken first. */
export const methodNames = ['certificate', 'jwt', 'scram', 'password', 'http', 'anonymous'] as const
export type MethodName = (typeof methodNames)[number]

/** One of the first five says where keys come from. */
export interface ConfigurationJwt {
  readonly secretFile?: string | undefined
  /** Name of an environment variable. */
  readonly secretEnv?: string | undefined
  readonly publicKeyFile?: string | undefined
  readonly keySetFile?: string | undefined
  readonly keySetUrl?: string | undefined
  readonly plainHttp?: boolean | undefined
  readonly algorithms?: readonly string[] | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  readonly tokenIn?: 'password' | 'username' | undefined
  readonly usernameClaim?: string | undefined
  readonly usernameMatches?: boolean | undefined
  readonly rolesClaim?: string | undefined
  readonly rulesClaim?: string | undefined
  readonly expiryRequired?: boolean | undefined
  readonly toleranceSeconds?: number | undefined
}

export interface ConfigurationCallback {
  readonly url: string
  readonly plainHttp?: boolean | undefined
  readonly authorizationFile?: string | undefined
  /** Name of an environment variable. */
  readonly authorizationEnv?: string | undefined
  readonly timeoutMs?: number | undefined
  readonly runningMax?: number | undefined
  readonly waitingMax?: number | undefined
  readonly allowedSeconds?: number | undefined
  readonly refusedSeconds?: number | undefined
}

export interface ConfigurationAuth {
  /** None: every method that is configured here. */
  readonly chain?: readonly MethodName[] | undefined
  /** Listeners whose chain differs. */
  readonly listeners?: readonly { readonly name: string; readonly chain: readonly MethodName[] }[] | undefined
  readonly password?: { readonly file: string; readonly rememberedSeconds?: number | undefined } | undefined
  /** Without a file of its own it reads that of `password`. */
  readonly scram?: { readonly file?: string | undefined } | undefined
  readonly jwt?: ConfigurationJwt | undefined
  readonly http?: ConfigurationCallback | undefined
  readonly certificate?: { readonly username?: 'common-name' | 'subject' | undefined } | undefined
  readonly clientId?:
    | { readonly equals?: 'username' | 'common-name' | undefined; readonly prefix?: string | undefined }
    | undefined
}

export const ruleActions = ['publish', 'subscribe', 'receive', 'read', 'write', 'all'] as const
export type RuleAction = (typeof ruleActions)[number]

export const actionsOf: Readonly<Record<RuleAction, readonly AccessAction[]>> = {
  publish: ['publish'],
  subscribe: ['subscribe'],
  receive: ['receive'],
  read: ['subscribe', 'receive'],
  write: ['publish'],
  all: ['publish', 'subscribe', 'receive'],
}

export interface ConfigurationRule {
  readonly allow?: readonly RuleAction[] | undefined
  readonly deny?: readonly RuleAction[] | undefined
  readonly topics: readonly string[]
  readonly users?: readonly string[] | undefined
  readonly roles?: readonly string[] | undefined
  readonly clientIds?: readonly string[] | undefined
  readonly listeners?: readonly string[] | undefined
  readonly anonymous?: boolean | undefined
}

export interface ConfigurationAcl {
  readonly rules?: readonly ConfigurationRule[] | undefined
  readonly otherwise?: 'allow' | 'deny' | undefined
  readonly rolesFile?: string | undefined
  /** Asked where no rule matches. */
  readonly http?: ConfigurationCallback | undefined
}

interface ChainSources {
  readonly auth?: ConfigurationAuth | undefined
  readonly allowAnonymous: boolean
  readonly listeners: Readonly<Record<string, { readonly allowAnonymous?: boolean | undefined }>>
}

export const anonymousAt = ({ listeners, allowAnonymous }: ChainSources, listener: string): boolean =>
  listeners[listener]?.allowAnonymous ?? allowAnonymous

/** The chain in force at a listener; undefined where nobody has to log in. */
export function chainOf(configuration: ChainSources, listener: string): readonly MethodName[] | undefined {
  const { auth } = configuration
  if (auth === undefined) return undefined
  const own = auth.listeners?.find(({ name }) => name === listener)?.chain ?? auth.chain
  if (own !== undefined) return own
  const configured = methodNames.filter((name) => name !== 'anonymous' && auth[name as keyof ConfigurationAuth])
  return anonymousAt(configuration, listener) ? [...configured, 'anonymous'] : configured
}
