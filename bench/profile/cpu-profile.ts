/** Self time by function out of a profile of `node --cpu-prof`. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: CallFrame
}

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

export const groups = ['ours', "Node's JavaScript", 'system calls of sockets', 'other native code', 'GC'] as const
export type Group = (typeof groups)[number]

export interface FunctionTime {
  readonly group: Group
  readonly name: string
  /** Our file, relative to the repository, or Node's module; empty for native code. */
  readonly file: string
  readonly line: number
  readonly micros: number
}

/** What starts and warms up is not the work that a row is about. */
const skippedMicros = 1_500_000

/** Functions by their self time, the longest first; idle time is left out. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, repository: string): FunctionTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const byFunction = new Map<string, FunctionTime>()
  let elapsed = 0
  samples.forEach((id, index) => {
    const micros = timeDeltas[index] ?? 0
    elapsed += micros
    const frame = frames.get(id)
    if (frame === undefined || frame.functionName === '(idle)' || elapsed < skippedMicros) return
    const key = `${frame.url}:${frame.lineNumber}:${frame.functionName}`
    byFunction.set(key, { ...describe(frame, repository), micros: (byFunction.get(key)?.micros ?? 0) + micros })
  })
  return [...byFunction.values()].sort((left, right) => right.micros - left.micros)
}

function describe({ functionName, url, lineNumber }: CallFrame, repository: string): Omit<FunctionTime, 'micros'> {
  const name = functionName === '' ? '(anonymous)' : functionName
  const file = url.replace(`file://${repository}`, '')
  return { group: groupOf(name, url), name, file, line: lineNumber + 1 }
}

function groupOf(name: string, url: string): Group {
  if (name === '(garbage collector)') return 'GC'
  if (url.startsWith('node:')) return "Node's JavaScript"
  if (url !== '') return 'ours'
  // `(program)` is what the event loop does by itself: mostly reading sockets.
  return /^(writev|write[A-Z]\w*String|writeBuffer|readStart|shutdown|\(program\))$/.test(name)
    ? 'system calls of sockets'
    : 'other native code'
}
