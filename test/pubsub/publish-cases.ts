/** What `pub` sends: the same flags and input must bring a subscriber the same messages. */

export interface PublishCase {
  /** Without -p; the topic begins with {side}/ and goes on with the case's number. */
  readonly args: readonly string[]
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
}

const v5 = ['-V', 'mqttv5']
const topic = ['-t', '{side}/{case}']

/** Of {FOLDER}/input. */
export const fileContent = 'first line\nsecond line\n\u0000é'

const to = (...args: string[]): PublishCase => ({ args: [...topic, ...args] })

export const publishCases: readonly PublishCase[] = [
  to('-m', 'hello'),
  to('-m', ''),
  to('-n'),
  to('-n', '-q', '1', '-r'),
  to('-m', 'one', '-q', '1'),
  to('-m', 'two', '-q', '2'),
  to('-m', 'two', '-q', '2', '-V', '31'),
  to('-m', 'two', '-q', '2', ...v5),
  to('-m', 'kept', '-r'),
  to('-m', 'kept', '-r', '-q', '2', ...v5),
  to('-m', 'grüße €😀'),
  to('-f', '{FOLDER}/input'),
  to('-f', '{FOLDER}/empty'),
  { ...to('-s'), stdin: 'all\nof it\n' },
  { ...to('-l'), stdin: 'a\n\nb\r\n c ' },
  { ...to('-l', '-q', '1'), stdin: 'a\nb\n' },
  { ...to('-l', '-q', '2', '-M', '1'), stdin: 'a\nb\nc\nd\n' },
  { ...to('-l', '-q', '1', ...v5), stdin: Array.from({ length: 300 }, (_, index) => `line ${index}\n`).join('') },
  { ...to('-l'), stdin: `${'x'.repeat(5_000)}\n${'y'.repeat(70_000)}` },
  { ...to('-l'), stdin: '' },
  to('-m', 'again', '--repeat', '3'),
  to('-m', 'again', '--repeat', '3', '-q', '1', '--repeat-delay', '0.05'),
  to('-n', '--repeat', '2', '-q', '2'),
  to('-m', 'x', '-i', 'publisher-{side}', '-c'),
  to('-m', 'x', '-i', 'publisher-x-{side}', ...v5, '-x', '60'),
  to('-m', 'x', '-I', 'prefix-', '-k', '20', '--nodelay', '-u', 'name', '-P', 'secret'),
  to('-m', 'x', '-d', '-i', 'debugged-{side}'),
  to('-m', 'x', '-d', '-i', 'debugged-1-{side}', '-q', '1', ...v5),
  to('-m', 'x', '-d', '-i', 'debugged-2-{side}', '-q', '2', '--repeat', '2'),
  { args: ['-L', 'mqtt://u:p@localhost:{PORT}/{side}/{case}', '-m', 'by url'] },
  { args: [...topic, '-h', 'localhost', '-p', '{TLS}', '--cafile', '{CA}', '-m', 'by TLS'] },
  { args: [...topic, '-p', '{PSK}', '--psk', '00ff10ab', '--psk-identity', 'device-7', '-m', 'by a shared key'] },
  { args: [...topic, '--unix', '{UNIX}', '-m', 'by Unix socket'] },
  { args: [...topic, '-m', 'by proxy', '--proxy', 'socks5h://127.0.0.1:{SOCKS}'] },
  { args: [...topic, '-m', 'by proxy', '--proxy', 'socks5h://us%25er:pa%3Ass@127.0.0.1:{SOCKS}'] },
  to('-m', 'x', '-A', '127.0.0.1', '-q', '1'),
  to('-m', 'x', '-D', 'publish', 'content-type', 'text/é', '-D', 'publish', 'payload-format-indicator', '1'),
  to('-m', 'x', '-D', 'publish', 'response-topic', 'r/1', '-D', 'publish', 'correlation-data', 'k 1'),
  to('-m', 'x', '-D', 'PUBLISH', 'user-property', 'a', 'b', '-D', 'publish', 'user-property', 'c', 'd', '-q', '1'),
  to('-m', 'x', '-D', 'connect', 'session-expiry-interval', '5', '-D', 'disconnect', 'user-property', 'a', 'b'),
  to('-m', 'x', '-D', 'publish', 'topic-alias', '3', '--repeat', '3', '-q', '1'),
  { ...to('-l', '-D', 'publish', 'topic-alias', '3'), stdin: 'a\nb\n' },
  to('-m', 'x', '--will-topic', '{side}/will', '--will-payload', 'w', '--will-retain', '--will-qos', '2'),
  { ...to('-m', 'x'), env: { XDG_CONFIG_HOME: '{FOLDER}' } },
  { args: ['-m', 'x', '-t', '{side}/{case}'], env: { HOME: '{FOLDER}' } },
]
