/** Certificates, passwords and tokens of connectors and of the engine: from files or the environment, and nowhere else shown. */
import { readFile } from 'node:fs/promises'
import { HawserError } from '@hawser/std'
import type { ConfigurationSecret, ConfigurationTls } from '../config/connection-configuration.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export const tlsOf = (connector: string, tls: ConfigurationTls): Promise<TlsMaterial> =>
  tlsFor(`connector ${connector}`, tls)

export const secretOf = (connector: string, secret: ConfigurationSecret, environment: Environment): Promise<string> =>
  secretFor(`connector ${connector}`, secret, environment)

/** `holder`: who has them, for messages. */
export async function tlsFor(
  holder: string,
  { caFile, certificateFile, keyFile }: ConfigurationTls,
): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all(
    [caFile, certificateFile, keyFile].map((file) => (file === undefined ? undefined : readSecret(holder, file))),
  )
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

/** Without the line end that editors put there. */
export async function secretFor(
  holder: string,
  { file, env }: ConfigurationSecret,
  environment: Environment,
): Promise<string> {
  const fromFile = file === undefined ? undefined : (await readSecret(holder, file)).trimEnd()
  const secret = fromFile ?? (env === undefined ? undefined : environment[env])
  if (secret !== undefined && secret !== '') return secret
  throw new HawserError('CONFIG_INVALID', `${holder}: ${file ?? env} holds no secret`, {
    mend: 'put it there',
  })
}

export interface Login {
  readonly username: string
  readonly password: string
}

/** Undefined where nobody logs in. */
export async function loginOf(
  connector: string,
  username: string | undefined,
  password: ConfigurationSecret | undefined,
): Promise<Login | undefined> {
  if (username === undefined || password === undefined) return undefined
  return { username, password: await secretOf(connector, password, process.env) }
}

export async function readSecret(holder: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new HawserError('CONFIG_INVALID', `${holder}: ${why}`, {
      mend: 'make it, or mend its rights',
      cause,
    })
  }
}
