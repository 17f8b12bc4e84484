export { appendBarrier, readBarrier } from './barrier-record.ts'
export type { Bus, PeerChange, PeerId } from './bus.ts'
export { FrameGatherer, FrameParser, frameBytes, frameBytesMax } from './bus-frames.ts'
export { createClassedLog } from './classes/classed-log.ts'
export { nextBirth } from './classes/next-birth.ts'
export { FilterTrie } from './filter-trie.ts'
export { keepFloor } from './keep-floor.ts'
export { CommitListeners } from './lanes/commit-listeners.ts'
export { Floors } from './lanes/floors.ts'
export { goneError } from './lanes/gone-error.ts'
export { Orphans } from './lanes/orphans.ts'
export type { RetentionLimits } from './lanes/retention-limits.ts'
export {
  type Appender,
  type CommittedBatch,
  type Cursor,
  type Durability,
  type FilterSpan,
  type LogId,
  type LogStatus,
  type MessageLog,
  type Partition,
  type PartitionRange,
  type Position,
  partition,
  position,
  type RecordBatch,
  reserveRefused,
  type Ticket,
  volatilePartition,
} from './log.ts'
export type { Adoption, Members } from './members.ts'
export { packedSource } from './packed-source.ts'
export { appendPublish, neverExpires, type PublishSource, PublishView, publishFlag } from './publish-record.ts'
export { type Answerer, type Answers, type Asking, type AskOptions, Questions } from './questions.ts'
export {
  recordBytes,
  recordEnd,
  recordFlagsAt,
  recordHeadBytes,
  recordKind,
  recordKindAt,
  recordTopicEnd,
  recordTopicStart,
  writeRecordHead,
} from './record.ts'
export { RecordPlaces } from './record-places.ts'
export { SpanMatcher } from './span-matcher.ts'
export type { StateChange, StateRow, StateStore } from './state.ts'
export { topicMatches } from './topic-filter.ts'
