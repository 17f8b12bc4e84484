/** Certificates of a test's own, made when it runs: an authority, servers, clients, revocation lists. All as PEM. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { systemClock } from '@hawser/std'
import * as x509 from '@peculiar/x509'

const crypto = webcrypto as unknown as Crypto
x509.cryptoProvider.set(crypto)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000
const nowMs = (): number => Math.round(systemClock.wallMicros() / 1000)

export interface Certified {
  readonly certificate: string
  readonly key: string
  readonly serialNumber: string
}

export interface CertificateOptions {
  /** Names and addresses that a server is reached by. */
  readonly hosts?: readonly string[]
  readonly days?: number
}

export interface Authority {
  readonly certificate: string
  /** `subject`: `CN=pump-7,O=Works`. */
  issue(subject: string, options?: CertificateOptions): Promise<Certified>
  revoke(...revoked: readonly Certified[]): Promise<string>
}

export async function makeAuthority(name = 'test authority'): Promise<Authority> {
  const keys = await newKeys()
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=${name}`,
    notBefore: new Date(nowMs() - dayMs),
    notAfter: new Date(nowMs() + 365 * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  })
  return {
    certificate: own.toString('pem'),
    issue: (subject, options = {}) => issue(own, keys, subject, options),
    async revoke(...revoked) {
      const list = await x509.X509CrlGenerator.create({
        issuer: own.subject,
        thisUpdate: new Date(nowMs() - dayMs),
        nextUpdate: new Date(nowMs() + 30 * dayMs),
        signingAlgorithm: algorithm,
        signingKey: keys.privateKey,
        entries: revoked.map(({ serialNumber }) => ({ serialNumber, revocationDate: new Date(nowMs() - dayMs) })),
      })
      // What OpenSSL calls it.
      return list.toString('pem').replaceAll(' CRL-----', ' X509 CRL-----')
    },
  }
}

async function issue(
  issuer: x509.X509Certificate,
  issuerKeys: CryptoKeyPair,
  subject: string,
  { hosts = [], days = 30 }: CertificateOptions,
): Promise<Certified> {
  const keys = await newKeys()
  const names = hosts.map((host) => ({ type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns', value: host }) as const)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: issuer.subject,
    notBefore: new Date(nowMs() - 2 * dayMs),
    notAfter: new Date(nowMs() + days * dayMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: issuerKeys.privateKey,
    extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificate: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    serialNumber: certificate.serialNumber,
  }
}

const newKeys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const newSerial = (): string => `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex')}`
