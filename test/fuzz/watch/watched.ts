/** A process that is watched: its worst pulse, its faults, and how it ended if it did. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Pulse, Told } from './pulse.ts'

export class Watched implements AsyncDisposable {
  readonly faults: string[] = []
  /** Of the whole run. */
  stallMsMax = 0
  turnCpuMsMax = 0
  rssBytesMax = 0
  last: Pulse | undefined
  /** Signal or exit code, once it is over. */
  end: string | undefined
  readonly #process: ChildProcess
  readonly ended: Promise<void>
  #onReady: (ports: Readonly<Record<string, number>>) => void = () => undefined
  #onEnd: () => void = () => undefined
  #onPulse: (() => void)[] = []

  private constructor(script: string, args: readonly string[]) {
    this.#process = fork(fileURLToPath(new URL(script, import.meta.url)), [...args])
    this.#process.on('message', (told: Told) => this.#hear(told))
    this.ended = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        this.end = signal ?? `exit code ${code}`
        this.#onEnd()
        resolve()
      })
    })
  }

  static async start(
    script: 'broker-process.ts' | 'default-broker-process.ts' | 'idle-process.ts',
    ...args: readonly string[]
  ): Promise<{ readonly watched: Watched; readonly ports: Readonly<Record<string, number>> }> {
    const watched = new Watched(`./${script}`, args)
    const ports = await new Promise<Readonly<Record<string, number>>>((resolve, reject) => {
      watched.#onReady = resolve
      watched.#onEnd = () => reject(new Error(`${script} ended with ${watched.end} before it was ready`))
    })
    watched.#onEnd = () => undefined
    return { watched, ports }
  }

  /** Forgets what was, so that a part of a run is seen alone. */
  resetMaxima(): void {
    this.stallMsMax = 0
    this.turnCpuMsMax = 0
    this.rssBytesMax = 0
  }

  /** Resolves with what it tells next; with what it told last where it has ended. */
  async nextPulse(): Promise<Pulse | undefined> {
    const pulse = new Promise<void>((resolve) => this.#onPulse.push(resolve))
    await Promise.race([pulse, this.ended])
    return this.last
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.ended
  }

  #hear(told: Told): void {
    switch (told.kind) {
      case 'ready':
        return this.#onReady(told.ports)
      case 'pulse':
        this.last = told.pulse
        this.stallMsMax = Math.max(this.stallMsMax, told.pulse.stallMs)
        this.turnCpuMsMax = Math.max(this.turnCpuMsMax, told.pulse.turnCpuMs)
        this.rssBytesMax = Math.max(this.rssBytesMax, told.pulse.rssBytes)
        for (const resolve of this.#onPulse.splice(0)) resolve()
        return
      case 'fault':
        this.faults.push(told.message)
        return
      default:
        throw told satisfies never
    }
  }
}
