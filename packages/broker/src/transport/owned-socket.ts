/**
 * Sockets that are ours to read.
 *
 * Lever: one read buffer for all of them. Node reads into it (`onread`), packets are parsed where they lie, and an idle
 * connection keeps no buffer. Sockets that a server makes do not take `onread`, so each accepted handle is given to a
 * socket of our own: before a server has made one of it, where nothing stands before MQTT. TLS decrypts into memory of
 * its own, which is handed over as it comes. Measure with the `bench/` row "connect-cycles".
 */
import net from 'node:net'
import { viewOf } from '@hawser/std'

const readBufferBytes = 65_536
const readBuffer = Buffer.allocUnsafeSlow(readBufferBytes)
// Copies out of it go by words.
viewOf(readBuffer)

export interface SocketOwner {
  /** Bytes up to `bytesRead` are valid only during the call, and the owner's to change. False: read no more for now. */
  onRead(buffer: Buffer, bytesRead: number): boolean
  onClosed(): void
}

/** A socket that knows its owner, so that its listeners are shared functions and not closures. */
type OwnedSocket = net.Socket & { owner: SocketOwner }

/** An accepted connection of which no socket has been made. */
export interface Handle {
  reading: boolean
  readStop(): void
  close(): void
}

/**
 * From now on `owner` gets what is read of `from`. A handle gets a socket of its own; a plain socket is replaced by the
 * one that is answered if `adopt` says so, and must have been read up to here and no further. Others stay what they are.
 */
export function ownSocket(from: net.Socket | Handle, owner: SocketOwner, adopt: boolean): net.Socket {
  if (!(from instanceof net.Socket)) return own(socketOf(from), owner)
  if (adopt) return own(socketOf(takeHandle(from)), owner)
  const owned = own(from, owner)
  owned.on('data', onSocketData)
  owned.resume()
  return owned
}

interface ServerOfNode {
  readonly _handle: { onconnection?: (this: unknown, error: number, accepted: Handle) => void } | null
}

/** `take` gets what the server accepts before a socket is made of it, and answers whether it has taken it. */
export function takeAccepted(server: net.Server, take: (accepted: Handle) => boolean): void {
  const listening = (server as unknown as ServerOfNode)._handle
  const makeSocket = listening?.onconnection
  if (listening === null || makeSocket === undefined) return
  listening.onconnection = (error, accepted) => {
    if (error !== 0 || !take(accepted)) makeSocket.call(listening, error, accepted)
  }
}

function own(socket: net.Socket, owner: SocketOwner): net.Socket {
  const owned = socket as OwnedSocket
  owned.owner = owner
  owned.on('error', onSocketError)
  owned.on('close', onSocketClose)
  return owned
}

function takeHandle(accepted: net.Socket): Handle {
  const owner = accepted as unknown as { _handle: Handle | null }
  const handle = owner._handle as Handle
  owner._handle = null
  if (handle.reading) {
    handle.reading = false
    handle.readStop()
  }
  return handle
}

const onread = {
  buffer: readBuffer,
  callback(this: unknown, bytesRead: number): boolean {
    return (this as OwnedSocket).owner.onRead(readBuffer, bytesRead)
  },
}

/** It reads from now on, without being resumed: nothing passes through its stream. */
function socketOf(handle: Handle): net.Socket {
  const socket = new net.Socket({
    handle: handle as unknown as NonNullable<net.SocketConstructorOpts['handle']>,
    onread,
  })
  socket.setNoDelay(true)
  return socket
}

function onSocketData(this: net.Socket, bytes: Buffer): void {
  ;(this as OwnedSocket).owner.onRead(bytes, bytes.length)
}

function onSocketClose(this: net.Socket): void {
  ;(this as OwnedSocket).owner.onClosed()
}

/** A reset or a broken pipe: 'close' follows, and tells what there is to tell. */
function onSocketError(this: net.Socket): void {
  this.destroy()
}
