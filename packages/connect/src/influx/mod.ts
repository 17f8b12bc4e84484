export { type NumberForm, numberForms } from './field.ts'
export {
  defaultInfluxOptions,
  type InfluxConnectorOptions,
  type InfluxLogin,
  type InfluxPlace,
  influxConnector,
} from './influx-connector.ts'
