import { connectorContract } from './connector.contract.ts'
import { memorySink } from './memory-sink.ts'

connectorContract({ name: 'memory', open: memorySink })
