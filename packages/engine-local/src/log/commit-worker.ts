/**
 * The thread that writes and syncs, so that no disk ever holds up the event loop, and the libuv pool (DNS, crypto)
 * never holds up a commit. It imports next to nothing: it must start fast and stay small.
 */
import { workerData } from 'node:worker_threads'
import { answeredWord, CommitChannel, type CommitWorkerData, requestedWord } from './commit-protocol.ts'
import { loadFilePort } from './file-port-module.ts'
import { SegmentWriter } from './segment-writer.ts'

const data: CommitWorkerData = workerData

const channel = new CommitChannel(data.channel)
const gathered = Buffer.from(data.gathered)
const writer = new SegmentWriter({ ...data.writer, files: await loadFilePort(data.files) })

function answer(outcome: Parameters<CommitChannel['writeOutcome']>[0]): void {
  channel.writeOutcome(outcome)
  Atomics.add(channel.words, answeredWord, 1)
  Atomics.notify(channel.words, answeredWord)
}

answer(writer.start(data.startedMicros))
for (let served = 0; ; ) {
  Atomics.wait(channel.words, requestedWord, served)
  if (Atomics.load(channel.words, requestedWord) === served) continue
  served = (served + 1) | 0
  const request = channel.readRequest()
  if (request.kind === 'close') {
    answer(writer.close())
    break
  }
  answer(writer.commit(gathered.subarray(request.start, request.end), request.next, request.nowMicros))
}
