/** How much longer than that of an idle process in the same run an event loop may stand still. */
export const stallMsMax = {
  /** What is asked of a broker on a machine that does nothing else. */
  atLength: 200,
  /** In a test, beside other tests: it must not fail because the machine is busy. */
  inTests: 1_000,
} as const
