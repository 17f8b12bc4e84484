/** How another broker is spoken to, unless said. */
export const mqttVersions = ['5.0', '3.1.1'] as const
export type MqttVersion = (typeof mqttVersions)[number]

export const mqttDirections = ['out', 'in', 'both'] as const
/** As seen from here. */
export type MqttDirection = (typeof mqttDirections)[number]

export const mqttDefaults = {
  version: '5.0',
  direction: 'out',
  localPrefix: '',
  remotePrefix: '',
  qos: 2,
  retain: true,
  inFlightMax: 100,
  hopsMax: 16,
  sessionSeconds: 7 * 24 * 3600,
  bridgeBit: true,
} as const
