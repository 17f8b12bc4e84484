/** The methods of `auth`, each made of its part of the configuration. What is not configured is not loaded. */
import { join } from 'node:path'
import type { AuthenticationMethod, Chain, ExchangeMethod, Reloadable } from '@hawser/auth'
import type { CallbackOptions, HttpAuthorizer } from '@hawser/auth/http'
import type { TokenKeys } from '@hawser/auth/jwt'
import { type Clock, HawserError, milliseconds, type Random } from '@hawser/std'
import type {
  ConfigurationAuth,
  ConfigurationCallback,
  ConfigurationJwt,
  MethodName,
} from '../config/auth-configuration.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Logger } from '../logging/logger.ts'
import type { House } from './house.ts'
import { ensureSecret } from './token.ts'

export interface AccessContext {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly env: Readonly<Record<string, string | undefined>>
  readonly house?: House | undefined
}

export interface Methods {
  readonly files: readonly Reloadable[]
  chain(names: readonly MethodName[]): Chain
}

/** What is opened is closed with `stack`. */
export async function openMethods(
  auth: ConfigurationAuth,
  place: Pick<Configuration, 'dataDir' | 'log'>,
  context: AccessContext,
  stack: AsyncDisposableStack,
): Promise<Methods> {
  const { anonymousMethod, CertificateMethod } = await import('@hawser/auth')
  const methods = new Map<MethodName, AuthenticationMethod>([['anonymous', anonymousMethod]])
  const exchanges = new Map<MethodName, ExchangeMethod>()
  const files: Reloadable[] = []
  const { certificate, jwt, http } = auth
  if (certificate !== undefined) {
    methods.set('certificate', new CertificateMethod(certificate.username ?? 'common-name'))
  }
  if (jwt !== undefined) methods.set('jwt', stack.use(await openJwt(jwt, context, stack, files)))
  if (http !== undefined) {
    const { HttpMethod } = await import('@hawser/auth/http')
    methods.set(
      'http',
      stack.use(new HttpMethod({ ...(await callbackOptions(http, context, files)), random: context.random })),
    )
  }
  const { password, scram } = await openPasswords(auth, place, context)
  if (password !== undefined) methods.set('password', stack.use(password.method))
  if (scram !== undefined) exchanges.set('scram', stack.use(scram.method))
  files.push(...new Set([password, scram].flatMap((opened) => opened?.passwords ?? [])))
  return {
    files,
    chain: (names) => ({
      methods: names.flatMap((name) => methods.get(name) ?? []),
      exchanges: names.flatMap((name) => exchanges.get(name) ?? []),
    }),
  }
}

/** One file that both read is opened once. */
async function openPasswords(
  { password, scram }: ConfigurationAuth,
  place: Pick<Configuration, 'dataDir' | 'log'>,
  { clock, random }: AccessContext,
) {
  const { PasswordMethod, StoredPasswords, systemHasher } = await import('@hawser/auth')
  const open = async (file: string) => StoredPasswords.open(file, random)
  const passwords = password && (await open(password.file))
  const remembered = password?.rememberedSeconds
  const limits = remembered === undefined ? {} : { rememberedMs: remembered * 1_000 }
  const scramPasswords = scram?.file === undefined || scram.file === password?.file ? passwords : await open(scram.file)
  return {
    password: passwords && {
      passwords,
      method: new PasswordMethod({ passwords, hasher: systemHasher, clock, random, limits }),
    },
    scram:
      scram === undefined || scramPasswords === undefined
        ? undefined
        : { passwords: scramPasswords, method: await openScram(scramPasswords, place, random) },
  }
}

async function openScram(
  passwords: ConstructorParameters<typeof import('@hawser/auth/scram').ScramMethod>[0]['passwords'],
  { dataDir, log }: Pick<Configuration, 'dataDir' | 'log'>,
  random: Random,
) {
  const { ScramMethod } = await import('@hawser/auth/scram')
  // Where nothing is kept on disk, a restart changes what an unknown user is shown.
  const kept = log.durability === 'disk' ? await ensureSecret(join(dataDir, 'scram-salt-key'), random) : undefined
  return new ScramMethod({
    passwords,
    random,
    saltKey: kept === undefined ? random.bytes(32) : Buffer.from(kept, 'hex'),
  })
}

async function openJwt(
  jwt: ConfigurationJwt,
  context: AccessContext,
  stack: AsyncDisposableStack,
  files: Reloadable[],
) {
  const { algorithmsOf, JwtMethod } = await import('@hawser/auth/jwt')
  const keys = await openKeys(jwt, context, stack, files)
  const known: readonly string[] = algorithmsOf[keys.family]
  const stranger = jwt.algorithms?.find((name) => !known.includes(name))
  if (stranger !== undefined) {
    throw new HawserError('CONFIG_INVALID', `auth.jwt.algorithms: ${stranger} is not for such keys`, {
      mend: `choose of ${known.join(', ')}`,
    })
  }
  return new JwtMethod({ ...jwt, keys, clock: context.clock })
}

async function openKeys(
  { secretFile, secretEnv, publicKeyFile, keySetFile, keySetUrl, plainHttp }: ConfigurationJwt,
  { clock, logger, env }: AccessContext,
  stack: AsyncDisposableStack,
  files: Reloadable[],
): Promise<TokenKeys> {
  const { changingKeys, KeySetFile, publicKeyOf, RemoteKeySet, secretKeys } = await import('@hawser/auth/jwt')
  if (keySetUrl !== undefined) {
    const { checkedUrl } = await import('@hawser/auth')
    const url = checkedUrl(keySetUrl, plainHttp ?? false)
    return stack.use(new RemoteKeySet({ url, clock, onFault: (what) => logger.warn(what) }))
  }
  if (keySetFile !== undefined) {
    const keys = await KeySetFile.open(keySetFile)
    files.push(keys)
    return keys
  }
  const secret = (text: string): TokenKeys => secretKeys(Buffer.from(text))
  const file = publicKeyFile ?? secretFile
  if (file === undefined) return secret(fromEnvironment(env, secretEnv))
  const { SecretFile } = await import('@hawser/auth')
  const keys = await SecretFile.open(file, publicKeyFile === undefined ? secret : publicKeyOf)
  files.push(keys)
  return changingKeys(keys.value.family, () => keys.value)
}

export async function openAuthorizer(
  http: ConfigurationCallback,
  context: AccessContext,
  files: Reloadable[],
): Promise<HttpAuthorizer> {
  const { HttpAuthorizer } = await import('@hawser/auth/http')
  return new HttpAuthorizer(await callbackOptions(http, context, files))
}

async function callbackOptions(
  configured: ConfigurationCallback,
  { clock, logger, env }: AccessContext,
  files: Reloadable[],
): Promise<CallbackOptions> {
  const { checkedUrl, SecretFile } = await import('@hawser/auth')
  const { authorizationFile, authorizationEnv, timeoutMs, runningMax, waitingMax } = configured
  const { allowedSeconds, refusedSeconds } = configured
  const kept = authorizationFile === undefined ? undefined : await SecretFile.open(authorizationFile, (text) => text)
  if (kept !== undefined) files.push(kept)
  const fixed = authorizationEnv === undefined ? undefined : fromEnvironment(env, authorizationEnv)
  return {
    url: checkedUrl(configured.url, configured.plainHttp ?? false),
    authorization: kept === undefined ? (fixed === undefined ? undefined : () => fixed) : () => kept.value,
    clock,
    limits: {
      ...(timeoutMs !== undefined && { timeoutMs: milliseconds(timeoutMs) }),
      ...(runningMax !== undefined && { runningMax }),
      ...(waitingMax !== undefined && { waitingMax }),
      ...(allowedSeconds !== undefined && { allowedMs: allowedSeconds * 1_000 }),
      ...(refusedSeconds !== undefined && { refusedMs: refusedSeconds * 1_000 }),
    },
    onFault: (what) => logger.warn(what),
  }
}

function fromEnvironment(env: AccessContext['env'], name: string | undefined): string {
  const value = name === undefined ? undefined : env[name]
  if (value !== undefined && value !== '') return value
  throw new HawserError('CONFIG_INVALID', `the environment has no ${name}`, { mend: 'set it to the secret' })
}
