/** What goes between the indexer and its worker, one job at a time. */
import type { FilePortModule } from './file-port-module.ts'
import type { IndexBlockPlace } from './index-block.ts'

export interface IndexWorkerData {
  readonly files: FilePortModule | undefined
  readonly dictionaryPath: string
  readonly dictionaryBytes: number
  readonly topicsMax: number
  readonly recordBytesMax: number
}

export interface IndexJob {
  readonly segmentPath: string
  readonly fileStart: number
  /** The end of a frame. */
  readonly fileEnd: number
  readonly first: number
  readonly next: number
  readonly indexPath: string
  /** Where in the sidecar the block goes; 0 makes the file. */
  readonly at: number
}

export type IndexAnswer =
  | { readonly kind: 'indexed'; readonly block: IndexBlockPlace }
  | { readonly kind: 'failed'; readonly message: string }
