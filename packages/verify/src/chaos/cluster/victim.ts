/** What may be killed and frozen: a node, or one of several processes behind one address. */
export interface Victim {
  /** In words. */
  readonly name: string
  readonly pid: number | undefined
  signal(signal: NodeJS.Signals): void
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Resolves when it, or another in its place, is there again. */
  start(): Promise<void>
  isUp(): Promise<void>
}
