/** A lane that this process has the lock of, in order to take over what its owner left. */
import { join } from 'node:path'
import { type Adoption, type Partition, type PartitionRange, position } from '@hawser/engine'
import { nodeFiles } from '../log/files.ts'
import type { LaneState } from '../log/foreign/lane-state.ts'
import { stateOf, surveyLane } from '../log/foreign/survey.ts'
import { writeTakenOver } from '../log/foreign/taken-over.ts'
import { laneFolderName } from '../log/format.ts'
import type { LocalLog } from '../log/local-log.ts'
import { bytesOfLogId } from '../log/meta.ts'
import { recoverLane } from '../log/recovery.ts'

/** To be called with the lane's lock: makes its end durable and closes it in good order. */
export function endLane(log: LocalLog, lane: Partition): LaneState {
  const state = surveyLane(log.folder, lane, log.id)
  if (state.kind === 'taken over') return state
  const folder = join(log.folder, laneFolderName(lane))
  return stateOf(lane, 'ended', recoverLane(nodeFiles, folder, lane, bytesOfLogId(log.id)))
}

export interface LaneAdoptionOptions {
  /** The log's folder. */
  readonly folder: string
  readonly range: PartitionRange
  readonly onDone: () => void
  /** Called once, with whether it was done. */
  readonly onRelease: (isDone: boolean) => void
}

export class LaneAdoption implements Adoption {
  readonly range: PartitionRange
  readonly #options: LaneAdoptionOptions
  #isDone = false
  #isReleased = false

  constructor(options: LaneAdoptionOptions) {
    this.#options = options
    this.range = options.range
  }

  async done(): Promise<void> {
    const { folder, range, onDone } = this.#options
    await writeTakenOver(join(folder, laneFolderName(range.partition)), range.end)
    this.#isDone = true
    onDone()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#options.onRelease(this.#isDone)
  }
}

export function rangeOf({ lane, start, extents }: LaneState): PartitionRange {
  const bytes = extents.reduce((sum, { dataEnd }) => sum + dataEnd, 0)
  return { partition: lane, start: position(start), end: position(extents.at(-1)?.end ?? start), bytes }
}
