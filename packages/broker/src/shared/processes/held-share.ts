/** Shares that one member of this process has of one partition that is not its own lane: its window and its packet ids. */
import type { Partition, Position } from '@hawser/engine'
import type { Group } from '../group.ts'
import type { ShareOwner } from '../share-owner.ts'
import { type PlaceKind, placeKind } from './wire.ts'

export type NoteAssigned = (share: HeldShare, position: Position) => void
export type Confirm = (share: HeldShare, kind: PlaceKind, position: Position) => void

export class HeldShare implements ShareOwner {
  readonly group: Group
  readonly memberId: number
  readonly partition: Partition
  readonly #assigned: NoteAssigned
  readonly #confirm: Confirm
  inflight = 0
  begun = 0

  constructor(group: Group, memberId: number, partition: Partition, assigned: NoteAssigned, confirm: Confirm) {
    this.group = group
    this.memberId = memberId
    this.partition = partition
    this.#assigned = assigned
    this.#confirm = confirm
  }

  get key(): string {
    return this.group.key
  }

  get dropped(): boolean {
    return this.group.dropped
  }

  assigned(position: Position): void {
    this.#assigned(this, position)
  }

  taken(position: Position): void {
    this.#confirm(this, placeKind.taken, position)
  }

  completed(position: Position): void {
    this.#confirm(this, placeKind.completed, position)
  }
}
