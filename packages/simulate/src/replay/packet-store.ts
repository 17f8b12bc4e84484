/** The library's `outgoingStore` without packets: a replay reads them again from its window. */
import { Readable } from 'node:stream'
import type { IStore } from 'mqtt'

export interface PacketStoreOwner {
  /** A PUBREL is due; it leaves when `send` is called. */
  release(packetId: number, send: () => void): void
  /** The PUBRELs to send first on a connection that goes on with its session. */
  toRelease(): readonly number[]
  /** PUBACK or PUBCOMP came, or a refusal. */
  done(packetId: number): void
}

export function packetStore(owner: PacketStoreOwner): IStore {
  const store: IStore = {
    put(packet, send) {
      if (packet.cmd === 'pubrel') owner.release(packet.messageId ?? 0, send)
      else send()
      return store
    },
    createStream() {
      const due = owner.toRelease().map((messageId) => ({ cmd: 'pubrel', qos: 2, messageId }))
      return Readable.from(due) as ReturnType<IStore['createStream']>
    },
    del({ messageId }, done) {
      owner.done(messageId ?? 0)
      done()
      return store
    },
    get(_packet, done) {
      done(new Error('a replay keeps no packets'))
      return store
    },
    close: (done) => done(),
  }
  return store
}
