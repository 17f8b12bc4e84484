/** A connector as the file says it, with what its kind has unless said: that is read only where there is such a one. */
import { type ConfigurationConnector, connectorDefaults } from './configuration.ts'

export async function withConnectorDefaults(connector: ConfigurationConnector): Promise<ConfigurationConnector> {
  const { reader, file } = connectorDefaults
  switch (connector.kind) {
    case 'file':
      return { ...reader, ...file, ...connector }
    case 'kafka':
      return { ...reader, ...(await import('@hawser/connect/kafka/defaults')).kafkaDefaults, ...connector }
    case 'kafka-source':
      return { ...(await import('@hawser/connect/kafka/defaults')).kafkaSourceDefaults, ...connector }
    case 'webhook': {
      const { webhookDefaults } = await import('@hawser/connect/webhook/defaults')
      const headers: readonly string[] = []
      return { ...reader, ...{ ...webhookDefaults, headers }, ...connector }
    }
    case 'influx':
      return { ...reader, ...(await import('@hawser/connect/influx/defaults')).influxDefaults, ...connector }
    case 'sparkplug':
      return { ...reader, ...(await import('@hawser/connect/sparkplug/defaults')).sparkplugDefaults, ...connector }
    case 'mqtt':
      return { ...reader, ...(await import('@hawser/connect/mqtt/defaults')).mqttDefaults, ...connector }
    case 'postgres':
      return { ...reader, ...connector }
    default:
      throw connector satisfies never
  }
}
