/** What can be said only when the whole configuration has been read. */
import { acceptedVersions } from './accepted-versions.ts'
import { bridgeFaults } from './bridge-faults.ts'
import type { ConfFault, ListenerSection, MosquittoConf, Setting, Settings } from './conf.ts'

export function settledFaults(conf: MosquittoConf): readonly ConfFault[] {
  const isLocalOnly = !conf.listeners.some(({ line, settings }) => line !== undefined || isOpened(settings))
  const ofListeners = conf.listeners.flatMap((listener) => [
    ...(isLocalOnly ? listenerlessFaults(listener) : []),
    ...lineFaults(listener),
    ...tlsFaults(listener.settings),
    ...topicFaults(listener.settings),
    ...versionFaults(listener.settings),
  ])
  return [
    ...topicFaults(conf.settings),
    ...logFaults(conf.settings),
    ...ofListeners,
    ...conf.bridges.flatMap(bridgeFaults),
  ]
}

const isOpened = (settings: Settings): boolean => settings.has('port') || settings.has('bind_address')

/** Mosquitto opens its local listeners without them: a certificate would be there, and the door plain. */
const listenerlessFaults = ({ settings }: ListenerSection): ConfFault[] =>
  [...settings].map(({ option, place }) => ({
    ...place,
    what: `${option.name} counts for no listener, as none is given`,
    mend: 'write "listener 1883" above it',
  }))

function lineFaults({ line }: ListenerSection): ConfFault[] {
  if (line === undefined) return []
  const [port = '', where] = String(line.value).split(/ +/)
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return [{ ...line.place, what: `listener ${port} is no port`, mend: 'write a number from 0 to 65535' }]
  }
  return Number(port) === 0 && (where === undefined || where.startsWith('#'))
    ? [{ ...line.place, what: 'listener 0 without a path', mend: 'write the path of the Unix socket behind it' }]
    : []
}

/** Only of use with a certificate: alone they would leave a door plain that was meant to be shut. */
const onlyWithTls = [
  'cafile',
  'capath',
  'ciphers',
  'ciphers_tls1.3',
  'crlfile',
  'require_certificate',
  'tls_version',
  'use_identity_as_username',
  'use_subject_as_username',
]

function tlsFaults(settings: Settings): ConfFault[] {
  const [certificate, key] = [settings.get('certfile'), settings.get('keyfile')]
  const lone = certificate === undefined ? key : key === undefined ? certificate : undefined
  if (lone !== undefined) return [faultAt(lone, `${lone.option.name} alone`, 'give certfile and keyfile')]
  if (certificate === undefined) {
    return onlyWithTls.flatMap((name) => {
      const setting = settings.get(name)
      if (setting === undefined || setting.value === false) return []
      return [faultAt(setting, `${name} on a listener without TLS`, 'give it certfile and keyfile')]
    })
  }
  return certificateFaults(settings)
}

function certificateFaults(settings: Settings): ConfFault[] {
  const required = settings.get('require_certificate')
  const isRequired = required?.value === true
  const [commonName, subject] = ['use_identity_as_username', 'use_subject_as_username'].map((name) => {
    const setting = settings.get(name)
    return setting?.value === true ? setting : undefined
  })
  const faults: ConfFault[] = []
  if (isRequired && required !== undefined && !settings.has('cafile') && !settings.has('capath')) {
    faults.push(faultAt(required, 'require_certificate without an authority', 'name it by cafile'))
  }
  const identity = commonName ?? subject
  if (identity !== undefined && !isRequired) {
    faults.push(
      faultAt(identity, `${identity.option.name} and no certificate is asked for`, 'add require_certificate true'),
    )
  }
  if (commonName !== undefined && subject !== undefined) {
    faults.push(faultAt(subject, 'a user name from the common name and from the subject', 'keep one of them'))
  }
  return faults
}

function logFaults(settings: Settings): ConfFault[] {
  const [, second] = settings.all('log_dest').filter(({ value }) => /^file(?: |$)/.test(String(value)))
  return second === undefined ? [] : [faultAt(second, 'log_dest file stands here a second time', 'keep one of them')]
}

/** Mosquitto passes over what it does not know, and may end up with nothing that it accepts. */
function versionFaults(settings: Settings): ConfFault[] {
  const setting = settings.get('accept_protocol_versions')
  const unknown = acceptedVersions(settings)?.find((version) => !['3', '4', '5'].includes(version))
  return setting === undefined || unknown === undefined
    ? []
    : [faultAt(setting, `accept_protocol_versions knows no ${unknown}`, 'write some of 3, 4, 5')]
}

const prefixCharactersMax = 50

function topicFaults(settings: Settings): ConfFault[] {
  const mountPoint = settings.get('mount_point')
  const prefix = settings.get('listener_auto_id_prefix') ?? settings.get('auto_id_prefix')
  return [
    ...(mountPoint !== undefined && /[+#]/.test(String(mountPoint.value))
      ? [faultAt(mountPoint, `mount_point ${mountPoint.value} has a wildcard in it`, 'write a topic')]
      : []),
    ...(prefix !== undefined && Buffer.byteLength(String(prefix.value)) > prefixCharactersMax
      ? [faultAt(prefix, `${prefix.option.name} is too long`, `${prefixCharactersMax} bytes at most`)]
      : []),
    ...(prefix !== undefined && /[+#]/.test(String(prefix.value))
      ? [
          faultAt(
            prefix,
            `${prefix.option.name} has a wildcard in it`,
            'patterns give such clients no rights: leave it out',
          ),
        ]
      : []),
  ]
}

const faultAt = ({ place }: Setting, what: string, mend: string): ConfFault => ({ ...place, what, mend })
