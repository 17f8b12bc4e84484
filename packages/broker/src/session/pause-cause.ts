/** Why a connection is not read from now. Each has its end. */
export const pauseCause = {
  /** CONNECT is being answered. */
  connecting: 1,
  /** A receiver of what it publishes is full; ends with that receiver's drain, or when it is called slow. */
  receiver: 2,
  /** The log has much to commit; ends with the next commit. */
  log: 4,
  /** Its own output is full; ends with its drain. */
  output: 8,
  /** Somebody is asked whether it may do what it asks for; ends with the answer. */
  access: 16,
  /** It is over its rates of messages or bytes; ends when they allow more. */
  rate: 32,
  /** Other processes are asked; ends with their answers. */
  peers: 64,
  /** A receiver in another process is full; ends with that process's word, or with the process. */
  remote: 128,
} as const
export type PauseCause = (typeof pauseCause)[keyof typeof pauseCause]
