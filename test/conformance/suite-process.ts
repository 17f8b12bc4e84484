/** The suite in a process of its own, for tests of the suite: node runs no tests within tests. */
import { spawn } from 'node:child_process'
import type { CaseResult, RunOptions } from './run-suite.ts'

export async function suiteProcess(options: RunOptions): Promise<CaseResult[]> {
  const { target, webSocketTarget, fault, only, patienceMs } = options
  const args = [
    ...(target === undefined ? [] : [target]),
    ...(webSocketTarget === undefined ? [] : ['--ws', webSocketTarget]),
    ...(fault === undefined ? [] : ['--fault', fault]),
    ...(only === undefined ? [] : ['--only', only]),
    ...(patienceMs === undefined ? [] : ['--patience-ms', `${patienceMs}`]),
  ]
  const main = new URL('main.ts', import.meta.url).pathname
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, [main, '--json', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const printed: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => printed.push(bytes))
  await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject))
  return JSON.parse(Buffer.concat(printed).toString()) as CaseResult[]
}
