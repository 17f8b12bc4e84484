/** The certificates of one TLS listener: made whole before they are in force, so that a bad file changes nothing. */
import { createHash, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { HawserError } from '@hawser/std'
import type { ServerCertificate, TlsOptions } from './listener-options.ts'

export class TlsContexts {
  /** Of the listener's own certificate, known to be good. */
  readonly own: SecureContextOptions
  /** When the first of the certificates ends, in milliseconds of the wall clock. */
  readonly endsAtMs: number
  readonly #ownContext: SecureContext
  readonly #byName: ReadonlyMap<string, SecureContext>

  constructor(listener: string, options: TlsOptions) {
    const names = Object.entries(options.names ?? {})
    const make = (who: string, own: ServerCertificate): SecureContext => {
      try {
        return createSecureContext(contextOptions(own, options))
      } catch (cause) {
        throw refusal(who, cause)
      }
    }
    this.#ownContext = make(`listener ${listener}`, options)
    this.own = contextOptions(options, options)
    this.#byName = new Map(
      names.map(([name, own]) => [name.toLowerCase(), make(`listener ${listener}, certificate of ${name}`, own)]),
    )
    this.endsAtMs = Math.min(endsAtMs(options), ...names.map(([, own]) => endsAtMs(own)))
  }

  /** By the whole name, or with its first label left open. [RFC 6125, 6.4.3] */
  named(serverName: string): SecureContext {
    const name = serverName.toLowerCase()
    const dot = name.indexOf('.')
    const wild = dot < 0 ? undefined : this.#byName.get(`*${name.slice(dot)}`)
    return this.#byName.get(name) ?? wild ?? this.#ownContext
  }
}

function contextOptions(own: ServerCertificate, options: TlsOptions): SecureContextOptions {
  return {
    cert: own.certificate,
    key: own.key,
    // Without one nobody is trusted: OpenSSL would else take the system's authorities.
    ca: options.ca ?? [],
    minVersion: options.minVersion ?? 'TLSv1.2',
    honorCipherOrder: true,
    // A session with a client certificate is resumed only where this is set, and never on another listener.
    sessionIdContext: sessionIdOf(options),
    ...(own.passphrase !== undefined && { passphrase: own.passphrase }),
    ...(options.crl !== undefined && { crl: revocationLists(options.crl) }),
    ...(options.ciphers !== undefined && { ciphers: options.ciphers }),
  }
}

const sessionIdOf = ({ certificate, ca = '' }: TlsOptions): string =>
  createHash('sha256').update(certificate).update(ca).digest('hex').slice(0, 32)

function refusal(who: string, cause: unknown): HawserError {
  return new HawserError('CONFIG_INVALID', `${who}: ${causeOf(cause)}`, {
    cause,
    mend: 'give a certificate and its key as PEM; "openssl x509 -in FILE -text" shows what is in one',
  })
}

const reasons: Readonly<Record<string, string>> = {
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'the key is not that of the certificate',
  ERR_OSSL_PEM_NO_START_LINE: 'there is no certificate or no key in the file',
  ERR_OSSL_BAD_DECRYPT: 'the passphrase does not open the key',
  ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED: 'the key needs a passphrase',
  ERR_MISSING_PASSPHRASE: 'the key needs a passphrase',
  ERR_SSL_NO_CIPHER_MATCH: 'no cipher of that name is known',
}

function causeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return reasons[code ?? ''] ?? message
}

/** OpenSSL takes one list from one text, and an authority for each may be in the file. */
function revocationLists(pem: string | Buffer): string[] {
  const lists = pem.toString('latin1').match(/-----BEGIN X509 CRL-----[\s\S]*?-----END X509 CRL-----/g)
  if (lists === null) throw new Error('there is no revocation list in the file')
  return lists
}

function endsAtMs({ certificate }: ServerCertificate): number {
  return Date.parse(new X509Certificate(certificate).validTo)
}
