/** What a record is made of and how it is sent, unless said. */
export const valueModes = ['raw', 'enriched', 'cloudevents-structured', 'cloudevents-binary'] as const
export type ValueMode = (typeof valueModes)[number]

export const partitioners = ['murmur2', 'crc32'] as const
export type Partitioner = (typeof partitioners)[number]

export const compressions = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof compressions)[number]

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
export type SaslMechanism = (typeof saslMechanisms)[number]

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: templates of ours
export const kafkaDefaults = {
  topic: '${topic}',
  key: '${topic}',
  value: 'raw',
  headers: true,
  tombstones: false,
  bridgeId: 'hawser',
  partitioner: 'murmur2',
  compression: 'none',
  partitions: 3,
  topicSettings: {},
  topicsMax: 1_000,
  // Kafka takes 1,048,588 bytes in a batch unless it is told otherwise, and a batch has a head.
  recordBytesMax: 1_000_000,
  lingerMs: 0,
} as const

/** Of a source: what a record becomes, unless said. */
export const kafkaSourceDefaults = {
  topic: 'kafka/${topic}',
  begin: 'newest',
  qos: 1,
  retain: false,
  headers: true,
} as const
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: templates of ours
