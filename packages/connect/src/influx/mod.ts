export { placeOf } from '../http/client.ts'
export { type InfluxConnectorOptions, type InfluxLogin, type InfluxPlace, influxConnector } from './influx-connector.ts'
