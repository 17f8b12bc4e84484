/** Another broker at which the simulated devices are, and the bridge by which their messages come here. */
import { mqttDefaults } from '@hawser/connect/mqtt/defaults'
import { connectorDefaults, type ScenarioName } from './configuration.ts'
import type { ConfigurationMqtt } from './mqtt-configuration.ts'

/** A user stands in the URL, its password in the environment: whoever may list processes would read it. */
export const devicesUrl = /^mqtts?:\/\/([^\s@:/]+@)?[^\s@/]+$/
export const devicesPasswordVariable = 'HAWSER_MQTT_PASSWORD'

const topicsOf: Readonly<Record<ScenarioName, string>> = {
  factory: 'factory/#',
  fleet: 'fms/#',
  sensors: 'sensoren/#',
}

export function devicesBridge(url: string, scenarios: readonly ScenarioName[]): ConfigurationMqtt {
  const { username } = new URL(url)
  const login = { username: decodeURIComponent(username), password: { env: devicesPasswordVariable } }
  return {
    ...mqttDefaults,
    ...connectorDefaults.reader,
    ...{ kind: 'mqtt', name: 'mqtt-devices', direction: 'in', url: url.replace(/\/\/.*@/, '//') },
    ...(username === '' ? {} : login),
    filters: [...new Set(scenarios)].map((scenario) => topicsOf[scenario]),
  }
}

/** As the devices log in there. */
export function devicesLogin(url: string, env: Readonly<Record<string, string | undefined>>): string {
  const complete = new URL(url)
  if (complete.username !== '') complete.password = encodeURIComponent(env[devicesPasswordVariable] ?? '')
  return complete.href
}
