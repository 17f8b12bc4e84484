/**
 * Sockets that are ours to read.
 *
 * Lever: one read buffer for all of them. Node reads into it (`onread`), packets are parsed where they lie, and an idle
 * connection keeps no buffer. Sockets that a server accepts do not take `onread`, so each accepted handle is given to a
 * socket of our own. TLS decrypts into memory of its own, which is handed over as it comes.
 */
import net from 'node:net'

const readBufferBytes = 65_536
const readBuffer = Buffer.allocUnsafeSlow(readBufferBytes)

export interface SocketOwner {
  /** Bytes up to `bytesRead` are valid only during the call, and the owner's to change. False: read no more for now. */
  onRead(buffer: Buffer, bytesRead: number): boolean
  onClosed(): void
}

/** A socket that knows its owner, so that its listeners are shared functions and not closures. */
type OwnedSocket = net.Socket & { owner: SocketOwner }

/**
 * From now on `owner` gets what is read. `adopt`: a plain socket of our own server is replaced by the one that is
 * answered; it must have been read up to here, and no further. Others stay what they are.
 */
export function ownSocket(socket: net.Socket, owner: SocketOwner, adopt: boolean): net.Socket {
  const owned = (adopt ? takeOver(socket) : socket) as OwnedSocket
  owned.owner = owner
  owned.on('error', onSocketError)
  owned.on('close', onSocketClose)
  if (adopt) owned.setNoDelay(true)
  else owned.on('data', onSocketData)
  owned.resume()
  return owned
}

interface Handle {
  reading: boolean
  readStop(): void
}

interface HandleOwner {
  _handle: Handle | null
}

function takeOver(accepted: net.Socket): net.Socket {
  const owner = accepted as unknown as HandleOwner
  const handle = owner._handle as Handle
  owner._handle = null
  if (handle.reading) {
    handle.reading = false
    handle.readStop()
  }
  return new net.Socket({
    handle: handle as unknown as NonNullable<net.SocketConstructorOpts['handle']>,
    onread: {
      buffer: readBuffer,
      callback(this: unknown, bytesRead: number): boolean {
        return (this as OwnedSocket).owner.onRead(readBuffer, bytesRead)
      },
    },
  })
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
