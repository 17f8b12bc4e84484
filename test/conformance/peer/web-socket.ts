/** The client's side of a WebSocket in bytes: RFC 6455 as far as a test needs it. */
import { once } from 'node:events'
import net from 'node:net'

export const opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const

export interface Frame {
  readonly final: boolean
  readonly opcode: number
  readonly payload: Buffer
}

export interface Answer {
  /** `HTTP/1.1 101 Switching Protocols` */
  readonly status: string
  readonly headers: ReadonlyMap<string, string>
}

export class WebSocketPeer {
  readonly #socket: net.Socket
  readonly answer: Answer
  #unread: Buffer
  #ended = false
  #wake: () => void = () => undefined

  private constructor(socket: net.Socket, answer: Answer, unread: Buffer) {
    this.#socket = socket
    this.answer = answer
    this.#unread = unread
    socket.on('data', (bytes) => {
      this.#unread = Buffer.concat([this.#unread, bytes])
      this.#wake()
    })
    socket.on('close', () => {
      this.#ended = true
      this.#wake()
    })
    if (socket.closed) this.#ended = true
  }

  /** Asks for these subprotocols; the answer may be a refusal. */
  static async open(host: string, port: number, subprotocols: string | undefined): Promise<WebSocketPeer> {
    const socket = net.connect({ host, port, noDelay: true })
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    const offered = subprotocols === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocols}`]
    const lines = [
      'GET /mqtt HTTP/1.1',
      `Host: ${host}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...offered,
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    let received = Buffer.alloc(0)
    while (!received.includes('\r\n\r\n')) {
      const [bytes] = (await once(socket, 'data')) as [Buffer]
      received = Buffer.concat([received, bytes])
    }
    const headEnd = received.indexOf('\r\n\r\n')
    return new WebSocketPeer(socket, answerOf(received.subarray(0, headEnd)), received.subarray(headEnd + 4))
  }

  /** Frames of a client are masked; a mask of zeros leaves the bytes readable. */
  send(code: number, payload: Uint8Array, final = true): void {
    const length = payload.length < 126 ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length & 0xff]
    this.#socket.write(Buffer.concat([Buffer.of((final ? 0x80 : 0) | code, ...length, 0, 0, 0, 0), payload]))
  }

  /** The next frame; undefined once the server has closed. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#take()
      if (frame !== undefined) return frame
      if (this.#ended) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The payloads of binary frames until there are this many bytes. Any other frame throws. */
  async binary(bytes: number): Promise<Buffer> {
    let got = Buffer.alloc(0)
    while (got.length < bytes) {
      const frame = await this.next()
      if (frame === undefined) throw new Error(`the server closed after ${got.toString('hex')}`)
      if (frame.opcode !== opcode.binary && frame.opcode !== opcode.continuation)
        throw new Error(`a frame with opcode ${frame.opcode}`)
      got = Buffer.concat([got, frame.payload])
    }
    return got
  }

  /** Waits until the server has closed, by a Close frame or without. */
  async closes(): Promise<void> {
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) {
      if (frame.opcode === opcode.close) return
      if (frame.opcode === opcode.text) throw new Error('a text frame')
    }
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #take(): Frame | undefined {
    const [first = 0, second = 0] = this.#unread
    const long = second === 126 ? 2 : second === 127 ? 8 : 0
    const start = 2 + long
    if (this.#unread.length < start) return undefined
    const length =
      long === 0 ? second : long === 2 ? this.#unread.readUInt16BE(2) : Number(this.#unread.readBigUInt64BE(2))
    if (this.#unread.length < start + length) return undefined
    const payload = this.#unread.subarray(start, start + length)
    this.#unread = this.#unread.subarray(start + length)
    return { final: (first & 0x80) !== 0, opcode: first & 0x0f, payload }
  }
}

function answerOf(head: Buffer): Answer {
  const [status = '', ...lines] = head.toString('latin1').split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status, headers: new Map(headers) }
}
