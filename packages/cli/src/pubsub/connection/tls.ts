/** TLS over a socket that is open, by the flags. */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect, getCACertificates, type SecureVersion, type TLSSocket } from 'node:tls'
import { pubsubExitCode, RunRefusal } from '../refusal.ts'
import type { ConnectionSettings, TlsSettings } from '../settings.ts'

const encryptedPort = 8883

const usesFiles = ({ caFile, caPath }: TlsSettings): boolean => caFile !== undefined || caPath !== undefined

export function usesTls({ tls, port, unixPath }: ConnectionSettings): boolean {
  if (unixPath !== undefined) return false
  return usesFiles(tls) || tls.psk !== undefined || tls.useSystemCertificates === true || port === encryptedPort
}

export function brokerPort({ port, tls }: ConnectionSettings): number {
  return port ?? (usesFiles(tls) || tls.psk !== undefined ? encryptedPort : 1883)
}

const versions: Readonly<Record<string, SecureVersion>> = {
  'tlsv1.3': 'TLSv1.3',
  'tlsv1.2': 'TLSv1.2',
  'tlsv1.1': 'TLSv1.1',
}

/** Read before anything is connected, so that a wrong path is told as such. Throws `RunRefusal`. */
export function tlsOptions(settings: ConnectionSettings): ConnectionOptions | undefined {
  const { tls } = settings
  if (tls.engine !== undefined)
    throw new RunRefusal(`Error: Problem setting TLS engine, is ${tls.engine} a valid engine?`)
  if (tls.keyForm !== undefined && tls.keyForm !== 'pem')
    throw new RunRefusal("Error: Problem setting key form, it must be 'pem': OpenSSL engines are not supported.")
  const minVersion = versions[tls.version ?? 'tlsv1.2']
  if (minVersion === undefined) throw new RunRefusal('Error: Problem setting TLS options, check the options are valid.')
  if (!usesTls(settings)) return undefined
  return {
    minVersion,
    host: settings.host,
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers }),
    ...(tls.alpn === undefined ? {} : { ALPNProtocols: [tls.alpn] }),
    ...(tls.insecure === true ? { checkServerIdentity: () => undefined } : {}),
    ...(tls.psk === undefined ? certificates(tls) : preSharedKey(tls.psk, tls)),
  }
}

function certificates(tls: TlsSettings): ConnectionOptions {
  try {
    const ca = [
      ...(tls.caFile === undefined ? [] : [readFileSync(tls.caFile)]),
      ...(tls.caPath === undefined ? [] : certificatesIn(tls.caPath)),
      ...(tls.useSystemCertificates === true || !usesFiles(tls) ? getCACertificates('system') : []),
    ]
    if (tls.certFile === undefined || tls.keyFile === undefined) return { ca }
    return { ca, cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }
  } catch (error) {
    throw new RunRefusal('Error: Problem setting TLS options: File not found.', 1, error)
  }
}

const certificatesIn = (folder: string): Buffer[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.(crt|pem|\d+)$/.test(entry.name))
    .map((entry) => readFileSync(join(folder, entry.name)))

function preSharedKey(key: string, tls: TlsSettings): ConnectionOptions {
  if (!/^([\da-f]{2})+$/i.test(key)) throw new RunRefusal('Error: Problem setting TLS-PSK options.')
  return {
    // Node takes a pre-shared key up to TLS 1.2.
    maxVersion: 'TLSv1.2',
    ciphers: tls.ciphers ?? 'PSK',
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ psk: Buffer.from(key, 'hex'), identity: tls.pskIdentity ?? '' }),
  }
}

/** Resolves once the broker has been authenticated. */
export async function encrypted(socket: Socket, options: ConnectionOptions, signal: AbortSignal): Promise<TLSSocket> {
  const secured = connect({ ...options, socket })
  try {
    await once(secured, 'secureConnect', { signal })
    return secured
  } catch (error) {
    secured.destroy()
    if (signal.aborted) throw error
    // Mosquitto's clients tell a peer that hangs up from one that cannot be trusted.
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
      throw new RunRefusal('Error: A TLS error occurred.', pubsubExitCode.tlsError, error)
    throw new RunRefusal('Unable to connect (A TLS error occurred.).', pubsubExitCode.failure, error)
  }
}
