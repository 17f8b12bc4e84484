/** Options for the whole broker: limits, persistence, the process itself. */
import { anyInteger, boolean, harmless, honoured, integer, type Option, refused, text, unread, word } from './option.ts'

const limitOptions: readonly Option[] = [
  {
    name: 'global_max_clients',
    argument: anyInteger,
    scope: 'global',
    since: '2.1',
    verdict: honoured('limits.sessions_max, with and without connection; below 0 it is ours'),
  },
  {
    name: 'global_max_connections',
    argument: anyInteger,
    scope: 'global',
    since: '2.1',
    verdict: honoured('limits.connections_max; below 0 it is ours'),
  },
  {
    name: 'max_inflight_bytes',
    argument: anyInteger,
    scope: 'global',
    since: '2.0',
    verdict: harmless(
      'what is in flight is read from the log, not kept in memory, and output waits at limits.output_high_water_bytes',
    ),
  },
  {
    name: 'max_inflight_messages',
    argument: integer(-2_147_483_648, 65_535),
    scope: 'global',
    since: '2.0',
    verdict: honoured(
      'limits.inflight_max and the Receive Maximum that we announce; 0 is 65,535, which is what MQTT allows',
    ),
  },
  {
    name: 'max_keepalive',
    argument: integer(0, 65_535),
    scope: 'global',
    since: '2.0',
    verdict: honoured('limits.keep_alive_seconds_max; 0 is no bound'),
  },
  {
    name: 'max_packet_size',
    argument: integer(20, 2_147_483_647),
    scope: 'global',
    since: '2.0',
    verdict: honoured('limits.packet_bytes_max; without it 2,000,000, as in 2.1'),
  },
  {
    name: 'max_queued_bytes',
    argument: anyInteger,
    scope: 'global',
    since: '2.0',
    verdict: harmless(
      'a session that is away has no queue: what it has still to get is read from the log, which log.retention_bytes bounds',
    ),
  },
  {
    name: 'max_queued_messages',
    argument: anyInteger,
    scope: 'global',
    since: '2.0',
    verdict: harmless(
      'a session that is away has no queue: what it has still to get is read from the log, which log.retention_bytes bounds',
    ),
  },
  {
    name: 'memory_limit',
    argument: integer(0, Number.MAX_SAFE_INTEGER),
    scope: 'global',
    since: '2.0',
    verdict: refused(
      'the heap has no such bound here, and those who rely on it should know',
      'bound the process by MemoryMax= in its systemd unit, and what it takes by limits: of our configuration',
    ),
    except: [{ values: [0], verdict: harmless('no bound is what we do') }],
  },
  {
    name: 'message_size_limit',
    argument: integer(0, 268_435_455),
    scope: 'global',
    since: '2.0',
    verdict: honoured('limits.payload_bytes_max; 0 is no bound of its own'),
  },
  {
    name: 'persistent_client_expiration',
    argument: { kind: 'duration' },
    scope: 'global',
    since: '2.0',
    verdict: honoured('limits.session_expiry_seconds_max and limits.legacy_session_expiry_seconds; without it never'),
  },
  {
    name: 'retain_available',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: honoured('limits.retain_available'),
  },
  {
    name: 'retain_expiry_interval',
    argument: integer(1, 2_147_483_647),
    scope: 'global',
    since: '2.1',
    verdict: refused(
      'a retained message lasts as long as its own Message Expiry Interval says',
      'take it out, and let publishers send a Message Expiry Interval',
    ),
  },
]

const deliveryOptions: readonly Option[] = [
  {
    name: 'allow_duplicate_messages',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: harmless(
      'a client with overlapping subscriptions gets one copy, at the highest QoS of them: MQTT allows both',
    ),
  },
  {
    name: 'check_retain_source',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: refused(
      'who published a retained message is not kept, so it cannot be asked whether he still may',
      'take it out, and clear a retained message when its publisher loses the right',
    ),
    except: [{ values: [false], verdict: harmless('nothing is checked is what we do') }],
  },
  {
    name: 'queue_qos0_messages',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: refused(
      'a QoS 0 message is for those who are there: sessions that are away get QoS 1 and 2',
      'publish at QoS 1 what must arrive',
    ),
    except: [{ values: [false], verdict: honoured('it is so') }],
  },
  {
    name: 'retry_interval',
    argument: unread,
    scope: 'global',
    since: '2.0',
    verdict: harmless('Mosquitto has not read it since 1.5 either'),
  },
  {
    name: 'set_tcp_nodelay',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: harmless('TCP_NODELAY is always on; output is gathered during a turn, so it costs nothing'),
  },
  {
    name: 'sys_interval',
    argument: integer(0, 65_535),
    scope: 'global',
    since: '2.0',
    verdict: honoured('how often $SYS is published; 0 is never'),
  },
  {
    name: 'upgrade_outgoing_qos',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: refused(
      'MQTT says that a message is delivered at the lower of its QoS and the subscription’s',
      'publish at the QoS that must be kept',
    ),
    except: [{ values: [false], verdict: honoured('it is so') }],
  },
]

const storageOptions: readonly Option[] = [
  {
    name: 'autosave_interval',
    argument: anyInteger,
    scope: 'global',
    since: '2.0',
    verdict: harmless('what is acknowledged is on disk already'),
  },
  {
    name: 'autosave_on_changes',
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: harmless('what is acknowledged is on disk already'),
  },
  {
    name: 'persistence',
    aliases: ['retained_persistence'],
    argument: boolean,
    scope: 'global',
    since: '2.0',
    verdict: honoured('log.durability: true is disk, false (as without it) is memory'),
  },
  {
    name: 'persistence_file',
    argument: text,
    scope: 'global',
    since: '2.0',
    again: 'refused',
    verdict: harmless('the data folder has files of its own; mosquitto.db is neither read nor written'),
  },
  {
    name: 'persistence_location',
    argument: text,
    scope: 'global',
    since: '2.0',
    again: 'refused',
    verdict: honoured('the data folder is `hawser` in it'),
  },
]

const processOptions: readonly Option[] = [
  {
    name: 'include_dir',
    argument: text,
    scope: 'global',
    since: '2.0',
    again: 'adds',
    verdict: honoured('its files that end in .conf are read here, in Mosquitto’s order'),
  },
  {
    name: 'packet_buffer_size',
    aliases: ['websockets_headers_size'],
    argument: integer(0, 65_535),
    scope: 'global',
    since: '2.1',
    verdict: harmless(
      'buffers are of the size of what arrives, up to limits.packet_bytes_max; headers of HTTP up to 16 KiB',
    ),
  },
  {
    name: 'pid_file',
    argument: text,
    scope: 'global',
    since: '2.0',
    again: 'refused',
    verdict: honoured('written once all doors are open, taken away at the end'),
  },
  {
    name: 'user',
    argument: word(),
    scope: 'global',
    since: '2.0',
    verdict: honoured(
      'started as root, the process becomes this user (without it mosquitto, or nobody) once all doors are open',
    ),
  },
]

export const generalOptions: readonly Option[] = [
  ...limitOptions,
  ...deliveryOptions,
  ...storageOptions,
  ...processOptions,
]
