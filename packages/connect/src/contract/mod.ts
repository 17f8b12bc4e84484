export { connectorContract } from './connector.contract.ts'
export { memorySink } from './memory-sink.ts'
export type { ConnectorUnderTest, SinkRow, SinkUnderTest } from './under-test.ts'
