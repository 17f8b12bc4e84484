/** What a client's certificate says, in the words of the access port. */
import type { TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../access.ts'

/** Undefined where the client sent none. */
export function clientCertificate(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const { subject, fingerprint256 } = certificate
  const names = certificate.toLegacyObject().subject.CN as string | string[] | undefined
  return {
    // Node writes one name a line in the order of the certificate, escaped as RFC 2253 says; that order is its reverse.
    subject: (subject ?? '').split('\n').toReversed().join(','),
    // Of several nobody could say which one speaks.
    commonName: typeof names === 'string' ? names : undefined,
    fingerprint256,
  }
}
