export { ScramMethod, type ScramMethodOptions } from './scram-method.ts'
