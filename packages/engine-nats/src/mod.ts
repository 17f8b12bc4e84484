export { connectsAs, type NatsCredentials } from './credentials.ts'
export { weakSyncs } from './monitor.ts'
export { type NatsEngine, type NatsEngineOptions, openNatsEngine } from './nats-engine.ts'
