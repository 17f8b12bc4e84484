export { type ConsoleOptions, type ConsoleServer, startConsole } from './console.ts'
