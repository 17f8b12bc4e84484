/** From `auth` and `acl` of the configuration to the broker's port. What is not configured is not loaded. */
import type {
  Access,
  AuthenticationMethod,
  Chain,
  ClientIdBinding,
  ExchangeMethod,
  Reloadable,
  Rule,
} from '@hawser/auth'
import { type AccessControl, allowAll } from '@hawser/broker'
import { asyncDisposable, type Clock, type Random } from '@hawser/std'
import {
  actionsOf,
  type ConfigurationAcl,
  type ConfigurationAuth,
  type ConfigurationRule,
  chainOf,
  type MethodName,
} from '../config/auth-configuration.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Logger } from '../logging/logger.ts'

export interface AccessContext {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

type Configured = Pick<Configuration, 'auth' | 'acl' | 'mosquittoAccess' | 'allowAnonymous' | 'listeners'>

/** Without `auth` and `acl`: whoever reaches a listener may do anything. */
export async function openAccess(configuration: Configured, context: AccessContext): Promise<Access> {
  const { auth, acl, mosquittoAccess } = configuration
  const onFault = (what: string, error: unknown): void =>
    context.logger.error(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  if (mosquittoAccess !== undefined) {
    const { openMosquittoAccess } = await import('@hawser/mosquitto')
    return openMosquittoAccess(mosquittoAccess, { ...context, onFault })
  }
  if (auth === undefined && acl === undefined) return openToAll
  const { ConfiguredAccess, openMethod } = await import('@hawser/auth')
  await using stack = new AsyncDisposableStack()
  const methods = await openMethods(auth ?? {}, context)
  for (const method of methods.all) stack.use(method)
  const rules = await openRules(acl)
  const open: Chain = { methods: [openMethod], exchanges: [] }
  const chainAt = (listener: string): Chain => {
    const names = chainOf(configuration, listener)
    return names === undefined ? open : methods.chain(names)
  }
  const own = Object.keys(configuration.listeners).map((name) => [name, chainAt(name)] as const)
  return new ConfiguredAccess({
    chains: new Map(own),
    chain: chainAt(''),
    binding: bindingOf(auth),
    rules: rules.rules,
    authorizer: undefined,
    files: [...methods.files, ...rules.files],
    resources: [stack.move()],
    onFault,
  })
}

const openToAll: Access = { ...allowAll, reload: async () => [], ...asyncDisposable(async () => undefined) }

/** What the broker is given: it asks nothing where it knows that all is allowed. */
export const controlOf = (access: AccessControl): AccessControl => (access === openToAll ? allowAll : access)

interface Methods {
  readonly all: readonly AsyncDisposable[]
  readonly files: readonly Reloadable[]
  chain(names: readonly MethodName[]): Chain
}

async function openMethods(auth: ConfigurationAuth, { clock, random }: AccessContext): Promise<Methods> {
  const { CertificateMethod, PasswordMethod, StoredPasswords, anonymousMethod, systemHasher } = await import(
    '@hawser/auth'
  )
  const methods = new Map<MethodName, AuthenticationMethod>([['anonymous', anonymousMethod]])
  const exchanges = new Map<MethodName, ExchangeMethod>()
  const files: Reloadable[] = []
  if (auth.certificate !== undefined) {
    methods.set('certificate', new CertificateMethod(auth.certificate.username ?? 'common-name'))
  }
  if (auth.password !== undefined) {
    const { file, rememberedSeconds } = auth.password
    const passwords = await StoredPasswords.open(file, random)
    const limits = rememberedSeconds === undefined ? {} : { rememberedMs: rememberedSeconds * 1_000 }
    methods.set('password', new PasswordMethod({ passwords, hasher: systemHasher, clock, random, limits }))
    files.push(passwords)
  }
  return {
    all: [...methods.values(), ...exchanges.values()],
    files,
    chain: (names) => ({
      methods: names.flatMap((name) => methods.get(name) ?? []),
      exchanges: names.flatMap((name) => exchanges.get(name) ?? []),
    }),
  }
}

async function openRules(acl: ConfigurationAcl | undefined) {
  const { openRules: everything, RoleFile, Rules } = await import('@hawser/auth')
  if (acl === undefined) return { rules: new Rules(everything), files: [] }
  const rules = new Rules({
    rules: (acl.rules ?? []).flatMap(ruleOf),
    otherwise: acl.otherwise ?? 'deny',
    subscriptions: 'judged',
  })
  const files: Reloadable[] = []
  if (acl.rolesFile !== undefined) files.push(await RoleFile.open(acl.rolesFile, (roles) => rules.replaceRoles(roles)))
  return { rules, files }
}

/** One for each of its topics. */
function ruleOf({ allow, deny, topics, ...subject }: ConfigurationRule): readonly Rule[] {
  const actions = [...new Set((allow ?? deny ?? []).flatMap((action) => actionsOf[action]))]
  const permission = allow === undefined ? 'deny' : 'allow'
  return topics.map((filter) => ({ permission, actions, filter, subject }))
}

function bindingOf(auth: ConfigurationAuth | undefined): ClientIdBinding | undefined {
  const { equals, prefix } = auth?.clientId ?? {}
  if (equals !== undefined) return { kind: 'equals', name: equals }
  return prefix === undefined ? undefined : { kind: 'prefix', prefix }
}
