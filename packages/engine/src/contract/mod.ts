export { type BusNetwork, type BusUnderTest, busContract } from './bus.ts'
export { membersContract } from './members.ts'
export type { MembersHost, MembersUnderTest, MemberUnderTest } from './members-under-test.ts'
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
