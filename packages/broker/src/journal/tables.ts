/** The tables of the state store that belong to the broker. */
export const sessionTable = 'session'
/** Client ids whose session had a connection at the last checkpoint. */
export const onlineTable = 'online'
/** Keys are a time and a client id; see `deadlines.ts`. */
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
export const checkpointKey = 'checkpoint'
