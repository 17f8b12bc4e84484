/** Milliseconds of a clock that all processes of one machine share, and that never goes back. */
const sinceStartMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

export const nowMs = (): number => performance.now() + sinceStartMs
