/** The certificate that the listener has already found good says who it is. */
import type { Candidate } from '@hawser/broker'
import { type AuthenticationMethod, accepted, notMine, type Verdict, wrongCredentials } from '../method.ts'

export const certificateNames = ['common-name', 'subject'] as const
export type CertificateName = (typeof certificateNames)[number]

export class CertificateMethod implements AuthenticationMethod {
  readonly name = 'certificate'
  readonly #username: CertificateName

  constructor(username: CertificateName) {
    this.#username = username
  }

  authenticate({ certificate }: Candidate): Verdict {
    if (certificate === undefined) return notMine
    const name = this.#username === 'subject' ? certificate.subject : certificate.commonName
    return name === undefined || name === '' ? wrongCredentials : accepted(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
