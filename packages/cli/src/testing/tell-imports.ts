/** Preloaded into a process: it says on stderr what it imports, and who it is. */
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, nextLoad) {
    process.stderr.write(`${process.pid} imports ${url}\n`)
    return nextLoad(url, context)
  },
})
