/** Dead letters are read from the log again, as they were, and written once more. */
import { type MessageLog, position } from '@hawser/engine'
import { HawserError } from '@hawser/std'
import type { DeadLetter, DeadLetters, Message } from '../connector.ts'
import { readMessages } from './message-reader.ts'

/** What became of the dead letters. */
export interface ReplayOutcome {
  /** Are in the sink now. */
  readonly written: number
  /** Were refused again. */
  readonly refused: number
  /** Are no longer in the log. */
  readonly gone: number
}

/** So many are held in memory at a time. */
const replayMessagesMax = 1_000

export async function replayDeadLetters(
  log: MessageLog,
  box: DeadLetters,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  const letters = (await box.list(replayMessagesMax, signal)).filter((letter) => letter.logId === log.id)
  const found: Message[] = []
  for (const letter of letters) {
    const message = await messageOf(log, letter, signal)
    if (message !== undefined) found.push(message)
  }
  const { written, duplicates, deadLetters } = await box.replay(found, signal)
  return { written: written + duplicates, refused: deadLetters, gone: letters.length - found.length }
}

async function messageOf(log: MessageLog, letter: DeadLetter, signal: AbortSignal): Promise<Message | undefined> {
  const end = position(letter.position + 1)
  const range = { partition: letter.partition, from: letter.position, end }
  const span = { filter: letter.topic, since: letter.position, until: end }
  try {
    for await (const { messages } of readMessages(
      log,
      range,
      [span],
      { batchMessagesMax: 1, batchBytesMax: 1 },
      signal,
    ))
      return messages[0]
  } catch (error) {
    if (!(error instanceof HawserError) || error.code !== 'POSITION_GONE') throw error
  }
  return undefined
}
