/** Runs a load in processes of its own and adds up what they counted. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { HawserError } from '@hawser/std'
import type { Progress } from './load/mod.ts'
import type { FromProcess, Tally, ToProcess } from './messages.ts'
import { type BenchReport, reportOf } from './report.ts'
import { type BenchPlan, jobOf } from './scenario.ts'

const script = fileURLToPath(new URL('process.ts', import.meta.url))

export interface BenchSurroundings {
  /** What all have published and received so far, about once a second. */
  onProgress?(progress: Progress): void
  /** Ends the load early; what was published is counted all the same. */
  readonly signal?: AbortSignal
}

/** Throws a `HawserError` where the broker cannot be reached, refuses a client, or breaks the protocol. */
export async function runBench(plan: BenchPlan, surroundings: BenchSurroundings = {}): Promise<BenchReport> {
  using processes = new Processes(plan, surroundings)
  return reportOf(plan, await processes.tallies)
}

class Processes implements Disposable {
  readonly tallies: Promise<readonly Tally[]>
  readonly #plan: BenchPlan
  readonly #surroundings: BenchSurroundings
  readonly #children: readonly ChildProcess[]
  readonly #published: (readonly number[])[] = []
  readonly #progress: Progress[] = []
  #connected = 0

  constructor(plan: BenchPlan, surroundings: BenchSurroundings) {
    this.#plan = plan
    this.#surroundings = surroundings
    this.#children = Array.from({ length: plan.processes }, () =>
      fork(script, { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    )
    this.tallies = Promise.all(this.#children.map((child, index) => this.#tallyOf(child, index)))
    const { signal } = surroundings
    if (signal?.aborted) this.#stop()
    signal?.addEventListener('abort', this.#stop)
  }

  [Symbol.dispose](): void {
    this.#surroundings.signal?.removeEventListener('abort', this.#stop)
    for (const child of this.#children) child.kill('SIGKILL')
  }

  readonly #stop = (): void => this.#tellAll({ kind: 'stop' })

  async #tallyOf(child: ChildProcess, index: number): Promise<Tally> {
    const done = Promise.withResolvers<Tally>()
    child.on('message', (message: FromProcess) => {
      if (message.kind === 'done') done.resolve(message.tally)
      else if (message.kind === 'failed') done.reject(failed(this.#plan, message.reason))
      else this.#heard(message, index)
    })
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw failed(this.#plan, `a process of the load ended (${signal ?? code})`)
    })
    child.send({ kind: 'job', job: jobOf(this.#plan, index) } satisfies ToProcess)
    return await Promise.race([done.promise, ended])
  }

  #heard(message: Exclude<FromProcess, { kind: 'done' | 'failed' }>, index: number): void {
    switch (message.kind) {
      case 'connected':
        if (++this.#connected === this.#children.length) this.#tellAll({ kind: 'go' })
        return
      case 'published':
        this.#published.push(message.published)
        if (this.#published.length < this.#children.length) return
        return this.#tellAll({ kind: 'published', published: summed(this.#published, this.#plan.publishers) })
      case 'progress':
        this.#progress[index] = message.progress
        return this.#surroundings.onProgress?.(this.#progress.reduce(add, { published: 0, delivered: 0 }))
      default:
        throw message satisfies never
    }
  }

  #tellAll(message: ToProcess): void {
    for (const child of this.#children) if (child.connected) child.send(message)
  }
}

const add = (left: Progress, right: Progress): Progress => ({
  published: left.published + right.published,
  delivered: left.delivered + right.delivered,
})

/** Each publisher is of one process; the others say 0 of it. */
const summed = (all: readonly (readonly number[])[], publishers: number): number[] =>
  Array.from({ length: publishers }, (_, publisher) => all.reduce((sum, own) => sum + (own[publisher] ?? 0), 0))

function failed({ target: { host, port } }: BenchPlan, reason: string): HawserError {
  const isUnreachable = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EAI_AGAIN/.test(reason)
  const code = isUnreachable ? 'BROKER_UNREACHABLE' : 'BROKER_REFUSED'
  return new HawserError(code, `${host}:${port}: ${reason}`)
}
