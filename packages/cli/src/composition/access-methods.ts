/** The methods of `auth`, each made of its part of the configuration. What is not configured is not loaded. */
import { readFile } from 'node:fs/promises'
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
      stack.use(new HttpMethod({ ...(await callbackOptions(http, context)), random: context.random })),
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
  const { KeySetFile, publicKeyOf, RemoteKeySet, secretKeys } = await import('@hawser/auth/jwt')
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
  if (publicKeyFile !== undefined) return publicKeyOf(await secretText(publicKeyFile))
  const secret = secretFile === undefined ? fromEnvironment(env, secretEnv) : await secretText(secretFile)
  return secretKeys(Buffer.from(secret))
}

export async function openAuthorizer(http: ConfigurationCallback, context: AccessContext): Promise<HttpAuthorizer> {
  const { HttpAuthorizer } = await import('@hawser/auth/http')
  return new HttpAuthorizer(await callbackOptions(http, context))
}

async function callbackOptions(
  configured: ConfigurationCallback,
  { clock, logger, env }: AccessContext,
): Promise<CallbackOptions> {
  const { checkedUrl } = await import('@hawser/auth')
  const { authorizationFile, authorizationEnv, timeoutMs, runningMax, waitingMax } = configured
  const { allowedSeconds, refusedSeconds } = configured
  return {
    url: checkedUrl(configured.url, configured.plainHttp ?? false),
    authorization:
      authorizationFile !== undefined
        ? await secretText(authorizationFile)
        : authorizationEnv && fromEnvironment(env, authorizationEnv),
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

/** Without the line end that editors put there. */
async function secretText(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trimEnd()
  } catch (cause) {
    const { whyUnreadable } = await import('@hawser/auth')
    throw new HawserError('CONFIG_INVALID', `${file}: ${whyUnreadable(cause)}`, {
      mend: 'make it, or mend its rights',
      cause,
    })
  }
}

function fromEnvironment(env: AccessContext['env'], name: string | undefined): string {
  const value = name === undefined ? undefined : env[name]
  if (value !== undefined && value !== '') return value
  throw new HawserError('CONFIG_INVALID', `the environment has no ${name}`, { mend: 'set it to the secret' })
}
