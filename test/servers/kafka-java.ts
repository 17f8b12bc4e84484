/** What Kafka's own client in Java, and the SDK of CloudEvents, read from a topic. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { kafkaClassPath } from './kafka.ts'

const program = fileURLToPath(new URL('./kafka/ReadRecords.java', import.meta.url))
const outputBytesMax = 256 << 20

export interface JavaRecord {
  readonly topic: string
  readonly partition: number
  /** Where Java's default partitioner would have put it. */
  readonly partitionOfJava: number
  readonly key: string
  /** In base64; null: a tombstone. */
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
  /** As the SDK understands it; null where it is no CloudEvent. */
  readonly event: Readonly<
    Record<'specversion' | 'id' | 'source' | 'type' | 'subject' | 'time' | 'data', string>
  > | null
}

/** All that topics hold now. */
export async function readByJava(address: string, topics: readonly string[]): Promise<readonly JavaRecord[]> {
  const arguments_ = [
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-cp',
    kafkaClassPath,
    program,
    address,
    ...topics,
  ]
  const { stdout } = await promisify(execFile)('java', arguments_, { maxBuffer: outputBytesMax })
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line): JavaRecord => JSON.parse(line))
}
