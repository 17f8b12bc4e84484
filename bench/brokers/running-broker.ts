/** A fresh broker on a free port and on its own core, ended and tidied up after each run. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectPacket, packetType } from '@hawser/verify/load'
import { brokerCore, generatorCore, pinned } from '../machine/cores.ts'
import type { RunOptions } from '../rows/row.ts'
import { type BrokerName, brokerPrograms } from './broker-kind.ts'

const startMsMax = 60_000
const stopMsMax = 20_000
const retryMs = 1
const complaintCharactersMax = 4_000

export interface RunningBroker extends AsyncDisposable {
  readonly port: number
  readonly pid: number
  /** From the start of the process to its first CONNACK. */
  readonly startMs: number
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

export interface StartOptions extends RunOptions {
  readonly folder: string
}

/** Ends with the scope that uses it; `folder` is the caller's. */
export async function startBroker(name: BrokerName, options: StartOptions): Promise<RunningBroker> {
  const { folder, nodeFlags = [], within = (broker) => broker } = options
  const port = await freePort()
  const { program, args } = within(pinned(coresOf(name), brokerPrograms[name]({ port, folder, nodeFlags })))
  const startedMs = performance.now()
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const complaint = keepComplaint(child)
  const exited = once(child, 'close')
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  while (!(await answersConnect(port))) {
    const isLate = performance.now() - startedMs > startMsMax
    if (isLate) child.kill('SIGKILL')
    if (isLate || isOver()) throw new Error(`${name} did not start: ${complaint()}`)
    await sleep(retryMs)
  }
  const startMs = performance.now() - startedMs
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (isOver()) return
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
    await exited
    clearTimeout(late)
  }
  return { port, pid: child.pid ?? 0, startMs, end, [Symbol.asyncDispose]: () => end('SIGTERM') }
}

/** Processes beside each other have the generator's core too, as far as it leaves some of it. */
const coresOf = (name: BrokerName): number | readonly number[] =>
  name === 'hawser-workers' ? [brokerCore, generatorCore] : brokerCore

export interface TemporaryFolder extends Disposable {
  readonly path: string
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'hawser-bench-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}

function keepComplaint(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-complaintCharactersMax)
  })
  return () => text
}

function answersConnect(port: number): Promise<boolean> {
  const hello = connectPacket({ clientId: 'bench-is-it-there', version: 4, isPersistent: false })
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(hello))
    socket.on('data', (bytes: Buffer) => {
      resolve(bytes[0] === packetType.connack && bytes[3] === 0)
      socket.destroy()
    })
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
  })
}
