export type { KafkaConnection } from './client/options.ts'
export { type TailOptions, type TailRecord, tailTopic } from './client/tail-topic.ts'
export { type KafkaConnectorOptions, kafkaConnector } from './kafka-connector.ts'
export type { KafkaOptions } from './settings.ts'
