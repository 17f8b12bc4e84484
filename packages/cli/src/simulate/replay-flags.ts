/** Flags that only a replay has. */
export const replayFlags = {
  'time-column': { kind: 'text', value: 'NAME', help: 'column that says when a row was recorded' },
  speed: { kind: 'text', value: '100x|max', help: 'so many times faster than it was recorded (1x)' },
  columns: { kind: 'list', value: 'A,B', help: 'publish only these columns' },
  limit: { kind: 'integer', value: 'N', help: 'publish only the first N rows' },
  resume: { kind: 'text', value: 'FILE', help: 'keep the position there, and go on from it' },
  window: { kind: 'integer', value: 'N', help: 'rows that may wait for an acknowledgement (1000)' },
  'give-up': { kind: 'text', value: 'S', help: 'fail after so long without an acknowledgement (300)' },
  json: { kind: 'switch', help: 'the report as JSON' },
} as const
