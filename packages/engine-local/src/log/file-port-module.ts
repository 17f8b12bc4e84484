/** Another `FilePort` than the real one, for a worker: functions do not cross threads, so it is named as a module. */
import { type FilePort, nodeFiles } from './files.ts'

export interface FilePortModule {
  /** Of a module with `createFilePort(data)`. */
  readonly url: string
  readonly data: unknown
}

export async function loadFilePort(module: FilePortModule | undefined): Promise<FilePort> {
  if (module === undefined) return nodeFiles
  const loaded: { createFilePort(data: unknown): FilePort } = await import(module.url)
  return loaded.createFilePort(module.data)
}
