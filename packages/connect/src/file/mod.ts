export { type FileConnectorOptions, fileConnector } from './file-connector.ts'
export { defaultFileLimits, type FileLimits } from './limits.ts'
