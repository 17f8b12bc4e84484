/** TLS: flags that `pub` and `sub` share. */
import type { ConnectionSettings, TlsSettings } from '../settings.ts'
import type { Flag } from './flag.ts'

type TextKey = Exclude<keyof TlsSettings, 'insecure' | 'useSystemCertificates'>

const text = (
  key: TextKey,
  long: `--${string}`,
  value: string,
  missing: string,
  help: string,
): Flag<ConnectionSettings> => ({
  long,
  value,
  missing: `no ${missing} specified`,
  help,
  set: (settings, given = '') => {
    settings.tls[key] = given
  },
})

export const tlsFlags: readonly Flag<ConnectionSettings>[] = [
  text('caFile', '--cafile', 'FILE', 'file', 'PEM file of the trusted CA certificates; turns TLS on'),
  text('caPath', '--capath', 'DIR', 'directory', 'folder of trusted CA certificates; turns TLS on'),
  text('certFile', '--cert', 'FILE', 'file', "PEM file of the client's certificate"),
  text('keyFile', '--key', 'FILE', 'file', "PEM file of the client's private key"),
  text('keyForm', '--keyform', 'FORM', 'keyform', 'form of the private key: pem'),
  text('ciphers', '--ciphers', 'LIST', 'ciphers', 'ciphers, as OpenSSL writes them'),
  text(
    'version',
    '--tls-version',
    'VERSION',
    'version',
    'lowest TLS version: tlsv1.3, tlsv1.2 (the default) or tlsv1.1',
  ),
  text('alpn', '--tls-alpn', 'PROTOCOL', 'protocol', 'protocol to ask for by ALPN'),
  text('engine', '--tls-engine', 'ENGINE', 'engine_id', 'not available: OpenSSL engines are not supported'),
  text('engineKeyPassword', '--tls-engine-kpass-sha1', 'SHA1', 'kpass sha1', 'not available, as --tls-engine'),
  {
    long: '--tls-use-os-certs',
    help: "trust the system's CA certificates; turns TLS on",
    set: (settings) => {
      settings.tls.useSystemCertificates = true
    },
  },
  {
    long: '--insecure',
    help: 'do not check that the certificate names the host',
    set: (settings) => {
      settings.tls.insecure = true
    },
  },
  text('psk', '--psk', 'KEY', 'key', 'pre-shared key in hexadecimal; turns TLS on'),
  text('pskIdentity', '--psk-identity', 'IDENTITY', 'identity', 'identity that goes with --psk'),
]
