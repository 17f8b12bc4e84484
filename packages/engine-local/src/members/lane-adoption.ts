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

export interface LaneAdoptionOptions {
  readonly log: LocalLog
  readonly lane: Partition
  /** Of the lane, held by us. */
  readonly lock: Disposable
  /** Tells this process and all others what the lane has come to. */
  readonly tell: (state: LaneState) => void
}

/** To be called with the lane's lock: makes its end durable and closes it in good order. */
export function endLane(log: LocalLog, lane: Partition): LaneState {
  const state = surveyLane(log.folder, lane, log.id)
  if (state.kind === 'taken over') return state
  const folder = join(log.folder, laneFolderName(lane))
  return stateOf(lane, 'ended', recoverLane(nodeFiles, folder, lane, bytesOfLogId(log.id)))
}

export class LaneAdoption implements Adoption {
  readonly range: PartitionRange
  readonly #options: LaneAdoptionOptions
  readonly #state: LaneState
  #isDone = false
  #isReleased = false

  constructor(state: LaneState, options: LaneAdoptionOptions) {
    this.#options = options
    this.#state = state
    const end = state.extents.at(-1)?.end ?? state.start
    const bytes = state.extents.reduce((sum, { dataEnd }) => sum + dataEnd, 0)
    this.range = { partition: options.lane, start: position(state.start), end: position(end), bytes }
  }

  async done(): Promise<void> {
    const { log, lane, tell } = this.#options
    await writeTakenOver(join(log.folder, laneFolderName(lane)), this.range.end)
    this.#isDone = true
    tell({ ...this.#state, kind: 'taken over' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#options.lock[Symbol.dispose]()
    if (!this.#isDone) this.#options.tell(this.#state)
  }
}
