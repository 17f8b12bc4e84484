/** How another broker is spoken to, unless said. */
export const mqttVersions = ['5.0', '3.1.1'] as const
export type MqttVersion = (typeof mqttVersions)[number]

export const mqttDefaults = {
  version: '5.0',
  localPrefix: '',
  remotePrefix: '',
  qos: 2,
  retain: true,
  inFlightMax: 100,
  hopsMax: 16,
} as const
