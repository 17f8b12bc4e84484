import type { Partition } from '@hawser/engine'

/** The tables of the state store that belong to the broker. */
export const sessionTable = 'session'
/** By lane: client ids whose session had a connection at the last checkpoint. */
export const onlineTable = 'online'
/** By lane: keys are a time and a client id; see `deadlines.ts`. */
export const deadlineTable = 'deadline'
/** Sessions without connection by the lowest position that they still need; see `floor.ts`. */
export const restingTable = 'resting'
export const retainedTable = 'retained'
/** Durable shared subscriptions, by their filter. */
export const sharedTable = 'shared'
export const banTable = 'ban'
export const brokerTable = 'broker'
/** How often a broker has started on this state: part of each session number. */
export const startsKey = 'starts'
/** How the time of durations stands to the clocks; see `steady-time.ts`. */
export const steadyTimeKey = 'steady-time'
/** By lane. */
export const checkpointKey = 'checkpoint'

/** A table or key of one lane; that of the first is called as it was when there was no other. */
export const laneTable = (name: string, partition: Partition): string =>
  partition === 0 ? name : `${name}/${partition}`
