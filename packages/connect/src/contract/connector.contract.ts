/** What every connector must do, whatever its sink. A connector's own test file is a few lines that call this. */
import { describe, it } from 'node:test'
import { type Bench, benchOf } from './checks/bench.ts'
import { deliversInOrder, keepsOrderOfEachTopic, keepsRefusedAside, poison } from './checks/delivery.ts'
import { staysFailed, stopsWhileAway, takesLargeMessages } from './checks/failure.ts'
import {
  outageAtStart,
  outageInTheMiddle,
  restartsAtAnyInstant,
  staysPaused,
  takesOtherFilters,
} from './checks/outages.ts'
import { keepsToOneOwner, refusesUnknownLog } from './checks/ownership.ts'
import { failsOnGap, goesWhereItIsMoved, refusesCursorPastHead, skipsWithCount } from './checks/place.ts'
import { slowSink, stopsInMidBatch } from './checks/slow-sink.ts'
import { answersAreLost, isGivenUpAtAnyInstant, keepsOrderThroughOutages } from './checks/unknown.ts'
import type { ConnectorUnderTest } from './under-test.ts'

const checks: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  'holds each matching record once and in order, and no other': deliversInOrder,
  'keeps the order of each topic': keepsOrderOfEachTopic,
  'catches up after an outage at the start': outageAtStart,
  'catches up after an outage in the middle': outageInTheMiddle,
  'keeps the order of each topic through outages': keepsOrderThroughOutages,
  'neither loses nor doubles where the answer to a write is lost': answersAreLost,
  'goes on after a write that was given up at any instant': isGivenUpAtAnyInstant,
  'neither loses nor doubles across restarts at any instant': restartsAtAnyInstant,
  'is not stopped by poisonous messages': poison,
  'keeps aside what is refused for good, and takes it when told again': keepsRefusedAside,
  'reads only a bounded part ahead of a slow sink': slowSink,
  'takes large messages, few at a time': takesLargeMessages,
  'stops in the middle of a batch': stopsInMidBatch,
  'stops while its sink is away': stopsWhileAway,
  'stays failed with the reason until it is resumed': staysFailed,
  'stays paused until it is resumed': staysPaused,
  'takes other filters from where it stands': takesOtherFilters,
  'has one owner: keeps a second out, or fences the first': keepsToOneOwner,
  'refuses a log that its sink does not belong to': refusesUnknownLog,
  'refuses a cursor past the head of the log': refusesCursorPastHead,
  'fails with the size of the gap where the log no longer has what comes next': failsOnGap,
  'loses its place with a count where it may skip a gap': skipsWithCount,
  'goes on where it is moved to': goesWhereItIsMoved,
}

export function connectorContract(subject: ConnectorUnderTest): void {
  const skipAll = subject.waived?.['all']
  describe(`${subject.name}: connector`, skipAll === undefined ? {} : { skip: skipAll }, () => {
    for (const [name, check] of Object.entries(checks)) {
      it(name, { skip: subject.waived?.[name] ?? false }, async () => {
        await using sink = await subject.open()
        await check(benchOf(sink, subject))
      })
    }
  })
}
