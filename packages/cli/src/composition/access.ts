/** From `auth` and `acl` of the configuration to the broker's port. What is not configured is not loaded. */
import type { Access, Chain, ClientIdBinding, Reloadable, Rule } from '@hawser/auth'
import { type AccessControl, allowAll } from '@hawser/broker'
import { asyncDisposable, HawserError } from '@hawser/std'
import {
  actionsOf,
  type ConfigurationAcl,
  type ConfigurationAuth,
  type ConfigurationRule,
  chainOf,
} from '../config/auth-configuration.ts'
import type { Configuration } from '../config/configuration.ts'
import { type AccessContext, openAuthorizer, openMethods } from './access-methods.ts'

type Configured = Pick<
  Configuration,
  'auth' | 'acl' | 'mosquittoAccess' | 'allowAnonymous' | 'listeners' | 'dataDir' | 'log'
>

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
  refuseUnknownListeners(configuration)
  const { ConfiguredAccess, openMethod } = await import('@hawser/auth')
  await using stack = new AsyncDisposableStack()
  const methods = await openMethods(auth ?? {}, configuration, context, stack)
  const rules = await openRules(acl)
  const files = [...methods.files, ...rules.files]
  const authorizer = acl?.http && stack.use(await openAuthorizer(acl.http, context, files))
  const open: Chain = { methods: [openMethod], exchanges: [] }
  const first = context.house === undefined ? [] : [(await import('./house.ts')).houseMethod(context.house)]
  const chainAt = (listener: string): Chain => {
    const names = chainOf(configuration, listener)
    const chain = names === undefined ? open : methods.chain(names)
    return { ...chain, methods: [...first, ...chain.methods] }
  }
  const own = Object.keys(configuration.listeners).map((name) => [name, chainAt(name)] as const)
  return new ConfiguredAccess({
    chains: new Map(own),
    chain: chainAt(''),
    binding: bindingOf(auth),
    rules: rules.rules,
    authorizer,
    files,
    resources: [stack.move()],
    onFault,
  })
}

/** A misspelled one would leave a door to rules that are not meant for it. */
function refuseUnknownListeners({ auth, acl, listeners }: Configured): void {
  const named = [
    ...(auth?.listeners ?? []).map(({ name }) => name),
    ...(acl?.rules ?? []).flatMap((rule) => rule.listeners ?? []),
  ]
  const unknown = named.find((name) => !Object.hasOwn(listeners, name))
  if (unknown === undefined) return
  throw new HawserError('CONFIG_INVALID', `auth or acl names the listener ${unknown}, which is not there`, {
    mend: `known are ${Object.keys(listeners).join(', ')}`,
  })
}

/** One that a reload may replace; but where all is allowed it is not asked at all, and stays so until a restart. */
export async function openReplaceableAccess(
  ...[configuration, context]: Parameters<typeof openAccess>
): Promise<Access> {
  const access = await openAccess(configuration, context)
  if (access === openToAll) return access
  const { ReplaceableAccess } = await import('@hawser/auth')
  return new ReplaceableAccess(access)
}

const openToAll: Access = { ...allowAll, reload: async () => [], ...asyncDisposable(async () => undefined) }

/** What the broker is given: it asks nothing where it knows that all is allowed. */
export const controlOf = (access: AccessControl): AccessControl => (access === openToAll ? allowAll : access)

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
