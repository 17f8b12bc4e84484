/** The thread that writes sidecar blocks, beside the commits and never in their way. */
import { dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { DictionaryWriter } from './dictionary-writer.ts'
import { loadFilePort } from './file-port-module.ts'
import { errorCode, readUpTo, writeAll } from './files.ts'
import { frameHeaderBytes } from './format.ts'
import { decodeIndexHead, encodeIndexBlock, type IndexBlockPlace, indexBlockBytes } from './index-block.ts'
import { IndexBuilder } from './index-builder.ts'
import type { IndexAnswer, IndexJob, IndexWorkerData } from './index-protocol.ts'

const data: IndexWorkerData = workerData
const builder = new IndexBuilder()
const files = await loadFilePort(data.files)
let dictionary: DictionaryWriter | undefined

/** Holds what one block is made of: the last frame begins within `indexBlockBytes` and is as large as a record may be. */
const buffer = Buffer.allocUnsafeSlow(indexBlockBytes + frameHeaderBytes + data.recordBytesMax)

function readStretch(job: IndexJob): Buffer {
  const segment = files.open(job.segmentPath, 'read')
  try {
    const bytes = buffer.subarray(0, Math.min(buffer.length, job.fileEnd - job.fileStart))
    return bytes.subarray(0, readUpTo(files, segment, bytes, job.fileStart))
  } finally {
    files.close(segment)
  }
}

function writeBlock(job: IndexJob, block: Buffer): void {
  if (job.at === 0) files.remove(job.indexPath)
  const sidecar = files.open(job.indexPath, job.at === 0 ? 'create' : 'update')
  try {
    files.truncate(sidecar, job.at)
    writeAll(files, sidecar, block, job.at)
    files.sync(sidecar)
  } finally {
    files.close(sidecar)
  }
  if (job.at === 0) files.syncFolder(dirname(job.indexPath))
}

function index(job: IndexJob): IndexBlockPlace {
  dictionary ??= new DictionaryWriter(files, data.dictionaryPath, data.dictionaryBytes, data.topicsMax)
  const block = encodeIndexBlock(builder.build({ ...job, bytes: readStretch(job) }, dictionary))
  writeBlock(job, block)
  const place = decodeIndexHead(block, job.at)
  if (place === undefined) throw new Error('an index block does not read back')
  return place
}

parentPort?.on('message', (job: IndexJob) => {
  let answer: IndexAnswer
  try {
    answer = { kind: 'indexed', block: index(job) }
  } catch (error) {
    answer = {
      kind: 'failed',
      message: `${errorCode(error)} ${error instanceof Error ? error.message : String(error)}`,
    }
  }
  parentPort?.postMessage(answer)
})
