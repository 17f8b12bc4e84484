/** Runs the suite's files, once in this process, and answers what each case did. */
import { globSync, readFileSync } from 'node:fs'
import { run } from 'node:test'

export interface RunOptions {
  /** `host:port` of a foreign broker; undefined: our own. */
  readonly target?: string
  /** `host:port` of its WebSocket listener; undefined: the cases that need one are skipped. */
  readonly webSocketTarget?: string
  /** Name of a planted fault. */
  readonly fault?: string
  /** Part of a title: only these cases. */
  readonly only?: string
  readonly patienceMs?: number
}

export interface CaseResult {
  readonly title: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly why?: string
}

const folder = new URL('.', import.meta.url).pathname

export function caseFiles(): string[] {
  return globSync('{v5,v3-1-1}/*.test.ts', { cwd: folder })
    .sort()
    .map((file) => `${folder}${file}`)
}

export async function runSuite(options: RunOptions = {}): Promise<CaseResult[]> {
  const { target, webSocketTarget, fault, only, patienceMs } = options
  const files = caseFiles().filter((file) => only === undefined || readFileSync(file, 'utf8').includes(only))
  const results: CaseResult[] = []
  // For the cases, whether they run here or in a child.
  Object.assign(process.env, {
    ...(target !== undefined && { HAWSER_CONFORMANCE_TARGET: target }),
    ...(webSocketTarget !== undefined && { HAWSER_CONFORMANCE_WS_TARGET: webSocketTarget }),
    ...(fault !== undefined && { HAWSER_CONFORMANCE_FAULT: fault }),
    ...(patienceMs !== undefined && { HAWSER_CONFORMANCE_PATIENCE_MS: `${patienceMs}` }),
  })
  const events = run({
    files,
    // What one file holds needs no process for it.
    ...(only === undefined ? { concurrency: 2 } : { isolation: 'none' as const }),
    ...(only !== undefined && { testNamePatterns: [new RegExp(escaped(only))] }),
  })
  events.on('test:pass', ({ name, skip, details }) => {
    if (!isCase(name) || details.type === 'suite' || (only !== undefined && !name.includes(only))) return
    results.push({ title: name, outcome: skip === undefined ? 'passed' : 'skipped' })
  })
  events.on('test:fail', ({ name, details }) => {
    if (details.type === 'suite') return
    const { cause } = details.error as { cause?: unknown }
    results.push({ title: name, outcome: 'failed', why: cause instanceof Error ? cause.message : `${cause}` })
  })
  await new Promise((resolve) => events.on('end', resolve).resume())
  return results.sort((a, b) => (a.title < b.title ? -1 : 1))
}

const isCase = (name: string): boolean => /^v(5|3\.1\.1) \[MQTT-/.test(name)

/** For a regular expression; `RegExp.escape` writes the blank as a number. */
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
