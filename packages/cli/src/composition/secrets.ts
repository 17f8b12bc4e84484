/** Certificates, passwords and tokens of connectors: from files or the environment, and nowhere else shown. */
import { readFile } from 'node:fs/promises'
import { HawserError } from '@hawser/std'
import type { ConfigurationSecret, ConfigurationTls } from '../config/connection-configuration.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export async function tlsOf(
  connector: string,
  { caFile, certificateFile, keyFile }: ConfigurationTls,
): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all(
    [caFile, certificateFile, keyFile].map((file) => (file === undefined ? undefined : readSecret(connector, file))),
  )
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

/** Without the line end that editors put there. */
export async function secretOf(
  connector: string,
  { file, env }: ConfigurationSecret,
  environment: Environment,
): Promise<string> {
  const fromFile = file === undefined ? undefined : (await readSecret(connector, file)).trimEnd()
  const secret = fromFile ?? (env === undefined ? undefined : environment[env])
  if (secret !== undefined && secret !== '') return secret
  throw new HawserError('CONFIG_INVALID', `connector ${connector}: ${file ?? env} holds no secret`, {
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

async function readSecret(connector: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new HawserError('CONFIG_INVALID', `connector ${connector}: ${why}`, {
      mend: 'make it, or mend its rights',
      cause,
    })
  }
}
