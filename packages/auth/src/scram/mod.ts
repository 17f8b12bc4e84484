export { prepared } from './prepared.ts'
export { ScramMethod, type ScramMethodOptions } from './scram-method.ts'
