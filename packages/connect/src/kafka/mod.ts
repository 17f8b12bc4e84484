export type { KafkaConnection } from './client/options.ts'
export { type KafkaConnectorOptions, kafkaConnector } from './kafka-connector.ts'
export type { KafkaOptions } from './settings.ts'
