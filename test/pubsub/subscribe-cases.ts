/** What `sub` prints of one and the same traffic: flags, with the traffic that all of them see. */

export interface SubscribeCase {
  /** Without -p and -i; each ends by itself. */
  readonly args: readonly string[]
  /** Digits are compared as digits only: times differ. */
  readonly times?: true
}

const v5 = ['-V', 'mqttv5']
const property = (name: string, ...values: string[]): string[] => ['-D', 'publish', name, ...values]

/** Published by mosquitto_pub in this order, after all have subscribed; the last ends whoever counts up to it. */
export const traffic: readonly (readonly string[])[] = [
  ['-t', 't/plain', '-m', 'hello'],
  ['-t', 't/utf8/é€😀', '-m', 'grüße €😀', '-q', '1'],
  ['-t', 't/empty', '-n', '-q', '2'],
  ['-t', 't/json', '-m', '{"b":[1,2.50,{"x":null}],"a":"\\u00e9\\n\\/", "a":1e21 , "e":{}, "l":[]}', '-q', '2'],
  ['-t', 't/notjson', '-m', '{"b":', '-q', '1'],
  ['-t', 't/control', '-m', '\u0001\t"\\\n\u007f'],
  ['-t', 't/kept', '-m', 'kept', '-r', '-q', '1'],
  [
    ...['-t', 't/properties', '-m', 'with', '-q', '1', ...v5],
    ...property('payload-format-indicator', '1'),
    ...property('message-expiry-interval', '4000'),
    ...property('content-type', 'text/plain'),
    ...property('response-topic', 'answers/é'),
    ...property('correlation-data', 'k 1"'),
    ...property('user-property', 'colour', 'blau'),
    ...property('user-property', 'größe', '7 "'),
    ...property('user-property', 'größe', '8'),
  ],
  ['-t', 't/expiry', '-m', 'x', ...v5, ...property('message-expiry-interval', '4294967295')],
  ['-t', 't/end', '-m', 'end', '-q', '2'],
]

const all = ['-t', 't/#', '-C', `${traffic.length}`]
const every = (...args: string[]): SubscribeCase => ({ args: [...all, ...args] })
const format = (text: string, ...args: string[]): SubscribeCase => every('-F', text, '-q', '2', ...args)
const withTimes = (subscribeCase: SubscribeCase): SubscribeCase => ({ ...subscribeCase, times: true })

/** `tst` is the only time in them, and digits outside it are compared by other cases. */
const json = (text: string, ...args: string[]): SubscribeCase => withTimes(format(text, ...args))

export const subscribeCases: readonly SubscribeCase[] = [
  every(),
  every('-v'),
  every('-N'),
  every('-v', '-N'),
  every('-q', '1', '-v'),
  every('-q', '2', '-v', '-V', '31'),
  every('-q', '2', '-v', ...v5),
  every('--nodelay', '-k', '10', '--quiet'),
  { args: ['-t', 't/#', '-T', 't/+', '-C', '1', '-v'] },
  { args: ['-t', 't/#', '-T', 't/plain', '-T', 't/json', '-C', `${traffic.length - 2}`, '-v'] },
  every('-t', 'other', '-v'),
  { args: ['-t', 't/json', '-t', 't/plain', '-v', '-C', '2'] },
  { args: ['-t', 't/+/é€😀', '-C', '1', '-v'] },
  { args: ['-L', 'mqtt://u:p@localhost:{PORT}/t/#', '-C', '3', '-v'] },
  { args: ['--unix', '{UNIX}', '-t', 't/#', '-C', '3', '-v'] },
  { args: ['-h', 'localhost', '-p', '{TLS}', '--cafile', '{CA}', '-t', 't/#', '-C', '3', '-v'] },
  { args: ['-h', 'localhost', '-p', '{TLS}', '--cafile', '{CA}', '--tls-version', 'tlsv1.3', '-t', 't/#', '-C', '2'] },
  { args: ['-h', '127.0.0.1', '-p', '{TLS}', '--cafile', '{CA}', '--insecure', '-t', 't/#', '-C', '2'] },
  { args: ['-p', '{PSK}', '--psk', '00ff10ab', '--psk-identity', 'device-7', '-t', 't/#', '-C', '2'] },
  { args: ['-A', '127.0.0.1', '-t', 't/#', '-C', '2'] },
  { args: ['-t', 't/kept', '-R', '-v', '-C', '1'] },
  { args: ['-t', 't/kept', '-v', '-C', '1', '--retain-as-published', ...v5] },
  { args: ['-t', 'none', '-W', '2'] },
  { args: ['-t', 'none', '-W', '2', '--quiet'] },
  { args: ['-t', 'none', '-E'] },
  { args: ['-t', 'none', '-t', 'more', '-U', 'none', '-d', '-W', '4', '-q', '2', '-i', 'debugged-{side}'] },
  { args: ['-t', 't/plain', '-d', '-C', '1', '-i', 'debugging-{side}', ...v5, '-R'] },
  format('%t|%p|%q|%r|%m|%l'),
  format('%x %X'),
  format('%12t|%-12t|%.3t|%8.3t|%-8.3t|%012t|%0t|%.t'),
  format('%8p|%-8p|%08p|%-08p|%3p|%.2p|'),
  format('%8x|%-8x|%08x|%5X|%3x|'),
  format('%4l|%-4l|%04l|%-04l|%4m|%04m'),
  format('100%% @@ \\\\ \\n\\r\\t\\v\\a\\e[1mX\\0Y', '-N'),
  format('é %t ü'),
  format('%A|%C|%D|%E|%F|%P|%R|%S|', ...v5),
  format('%A|%C|%D|%E|%F|%P|%R|%S|'),
  format('%4A|%6C|%12E|%04E|%-12E|%3F|%03F|%-3F|%12R|%.3R|%3S|', ...v5),
  format('%20C|%-20C|%.4C|%-6.4C|%C', ...v5),
  format('%S %04S', ...v5, '-D', 'subscribe', 'subscription-identifier', '7'),
  json('%j'),
  json('%j', '--pretty'),
  json('%J'),
  json('%J', '--pretty', ...v5),
  json('%j', ...v5),
  json('[%J]', '--quiet'),
  withTimes(format('%I|%U|%30I|%-30I|%.10I')),
  format('@Y-@m-@d @j @U @V @W @u @w @a @A @b @B @C @d @D @e @F @g @G @h @p @P @x @y @z @Z @n@t@q'),
  withTimes(format('@H:@M:@S @N @s @c @I @k @l @r @R @T @X')),
  every('-D', 'connect', 'user-property', 'a', 'b', '-D', 'connect', 'receive-maximum', '5', '-v', '-q', '2'),
  every('-D', 'subscribe', 'user-property', 'a', 'b', '-D', 'disconnect', 'user-property', 'a', 'b', '-v'),
  every('--will-topic', 'w', '--will-payload', 'x', '--will-qos', '1', '--will-retain'),
]
