export {
  type MqttBridge,
  type MqttBridgeOptions,
  type MqttConnectorOptions,
  mqttBridge,
  mqttConnector,
} from './mqtt-connector.ts'
