/** How `hawser pub` and `hawser sub` end before their time: what stands on stderr, and the exit code of theirs. */

/** Exit codes beyond 0 and 1 that mosquitto_pub and mosquitto_sub share; a refused connection gives its reason code. */
export const pubsubExitCode = {
  success: 0,
  failure: 1,
  protocolError: 2,
  connectionRefused: 5,
  connectionLost: 7,
  tlsError: 8,
  timedOut: 27,
  /** Told to end before the broker had answered. */
  interrupted: 255,
} as const

/** An argument that cannot be used: told even with --quiet, followed by where to read about the flags. */
export class ArgumentRefusal extends Error {
  override readonly name = 'ArgumentRefusal'
}

/** What went wrong while it ran: not told with --quiet. */
export class RunRefusal extends Error {
  override readonly name = 'RunRefusal'
  readonly exitCode: number

  constructor(message: string, exitCode: number = pubsubExitCode.failure, cause?: unknown) {
    super(message, { cause })
    this.exitCode = exitCode
  }
}
