/**
 * `npm run conformance -- [host:port] [--ws host:port] [--fault NAME] [--only PART-OF-A-TITLE] [--patience-ms N] [--json]`: the suite on
 * any broker, or on our own.
 */
import { parseArgs } from 'node:util'
import { runSuite } from './run-suite.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ws: { type: 'string' },
    fault: { type: 'string' },
    only: { type: 'string' },
    'patience-ms': { type: 'string' },
    json: { type: 'boolean' },
  },
})
const [target] = positionals
const patience = values['patience-ms']
const results = await runSuite({
  ...(target !== undefined && { target }),
  ...(values.ws !== undefined && { webSocketTarget: values.ws }),
  ...(values.fault !== undefined && { fault: values.fault }),
  ...(values.only !== undefined && { only: values.only }),
  ...(patience !== undefined && { patienceMs: Number(patience) }),
})
if (values.json) process.stdout.write(JSON.stringify(results))
else {
  const count = (wanted: string): number => results.filter(({ outcome }) => outcome === wanted).length
  for (const { title, outcome, why } of results) {
    if (outcome === 'failed') process.stdout.write(`failed: ${title}\n  ${why ?? ''}\n`)
  }
  process.stdout.write(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`)
}
if (results.length === 0 || results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1
