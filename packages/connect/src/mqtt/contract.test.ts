import { skipWithoutMosquitto } from '../../../../test/servers/mosquitto.ts'
import { connectorContract } from '../contract/mod.ts'
import { mqttUnderTest } from './testing/mqtt-under-test.ts'

const skip = skipWithoutMosquitto
const waived: Readonly<Record<string, string>> = skip === false ? {} : { all: skip }

connectorContract({ name: 'MQTT, to Mosquitto', holds: 'at-least-once', waived, open: () => mqttUnderTest() })
