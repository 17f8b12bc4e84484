export { createMemoryBus, createMemoryBusHub, type MemoryBusHub, type MemoryBusOptions } from './memory-bus.ts'
export { createMemoryLog, type MemoryLogOptions } from './memory-log.ts'
export { createMemoryState } from './memory-state.ts'
