export { type ConsoleOptions, type ConsoleServer, startConsole } from './console.ts'
export { ensureWebBuilt, type WebBuildOptions } from './ensure-web-built.ts'
