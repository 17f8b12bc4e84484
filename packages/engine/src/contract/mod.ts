export { type BusNetwork, type BusUnderTest, busContract } from './bus.ts'
export { type MembersHost, type MembersUnderTest, type MemberUnderTest, membersContract } from './members.ts'
export { type MessageLogUnderTest, messageLogContract } from './message-log.ts'
export {
  append,
  collect,
  commitAll,
  committed,
  type PlainRecord,
  publishRecord,
  readOwn,
  recordsOf,
  type StoredRecord,
  span,
} from './records.ts'
export { type StateStoreUnderTest, stateStoreContract } from './state-store.ts'
export type { UnderTest } from './under-test.ts'
