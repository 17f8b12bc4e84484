export { type MqttConnectorOptions, mqttConnector } from './mqtt-connector.ts'
