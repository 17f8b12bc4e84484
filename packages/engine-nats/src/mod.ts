export { connectsAs, type NatsCredentials } from './credentials.ts'
export { type NatsEngine, type NatsEngineOptions, openNatsEngine } from './nats-engine.ts'
