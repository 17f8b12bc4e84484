export { defaultSparkplugOptions, type SparkplugConnectorOptions, sparkplugConnector } from './sparkplug-connector.ts'
