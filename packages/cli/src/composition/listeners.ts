/** From configured listeners to what the broker is told: the files that they name are read here. */
import { readFile } from 'node:fs/promises'
import { type ListenerOptions, listenerLimitNames, type ServerCertificate, type TlsOptions } from '@hawser/broker'
import { HawserError } from '@hawser/std'
import {
  type ConfigurationCertificate,
  type ConfigurationListener,
  type ConfigurationListeners,
  type ConfigurationTls,
  enabledListeners,
} from '../config/listeners.ts'

/** Also for a reload: it reads the files anew. */
export async function listenerOptions(listeners: ConfigurationListeners): Promise<readonly ListenerOptions[]> {
  return Promise.all(enabledListeners(listeners).map(([name, listener]) => optionsOf(name, listener)))
}

async function optionsOf(name: string, listener: ConfigurationListener): Promise<ListenerOptions> {
  const { protocol, host, port, socket, socketMode, websocket, proxyProtocol } = listener
  const { mountPoint, mqtt: offers } = listener
  const limits = Object.fromEntries(listenerLimitNames.map((name) => [name, listener[name]]))
  const common = {
    name,
    ...(socket === undefined ? { host, port } : { socketPath: socket }),
    ...(socket !== undefined && socketMode !== undefined && { socketMode: Number.parseInt(socketMode, 8) }),
    ...(proxyProtocol && { proxyProtocol: given(proxyProtocol) }),
    ...given({ mountPoint, offers }),
    ...given(limits),
  }
  const overWebSocket = websocket === undefined ? {} : { websocket: given(websocket) }
  switch (protocol) {
    case 'mqtt':
      return { protocol, ...common }
    case 'ws':
      return { protocol, ...common, ...overWebSocket }
    case 'mqtts':
      return { protocol, ...common, tls: await tlsOf(name, listener.tls) }
    case 'wss':
      return { protocol, ...common, ...overWebSocket, tls: await tlsOf(name, listener.tls) }
    default:
      throw protocol satisfies never
  }
}

async function tlsOf(listener: string, tls: ConfigurationTls | undefined): Promise<TlsOptions> {
  if (tls?.certificateFile === undefined || tls.keyFile === undefined) {
    throw new HawserError('CONFIG_INVALID', `listener ${listener} speaks TLS and has no certificate`, {
      mend: 'give it certificate_file and key_file below tls, or --cert and --key',
    })
  }
  const { caFile, crlFile, clientCertificate, minVersion, ciphers, names = {} } = tls
  const own = await certificateOf(listener, tls)
  const ca = caFile === undefined ? undefined : await read(listener, caFile)
  const crl = crlFile === undefined ? undefined : await read(listener, crlFile)
  const byName = Object.entries(names).map(
    async ([name, other]) => [name, await certificateOf(listener, other)] as const,
  )
  return {
    ...own,
    ...given({ ca, crl, clientCertificate, minVersion, ciphers }),
    names: Object.fromEntries(await Promise.all(byName)),
  }
}

async function certificateOf(listener: string, own: ConfigurationCertificate): Promise<ServerCertificate> {
  return {
    certificate: await read(listener, own.certificateFile),
    key: await read(listener, own.keyFile),
    ...given({ passphrase: own.passphrase }),
  }
}

async function read(listener: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1')
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message
    throw new HawserError('CONFIG_INVALID', `listener ${listener}: ${file}: ${why}`, {
      mend: 'name a PEM file that can be read',
      cause,
    })
  }
}

/** Without what was left out. */
function given<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [Key in keyof Value]: Exclude<Value[Key], undefined>
  }
}
