export { type MqttConnectorOptions, mqttConnector } from './mqtt-connector.ts'
export { peerVersions } from './peer.ts'
