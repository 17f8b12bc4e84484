export { connectorContract } from './connector.contract.ts'
export { memorySink } from './memory-sink.ts'
export { type ConnectorUnderTest, refusedTopic, type SinkRow, type SinkUnderTest } from './under-test.ts'
