export { type SparkplugConnectorOptions, sparkplugConnector } from './sparkplug-connector.ts'
