#!/usr/bin/env node
// Plain JavaScript that an old Node understands too: makes sure that a new enough one runs the rest.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const nodeMajorMin = 24
const folder = dirname(fileURLToPath(import.meta.url))

function* foldersUpward(from) {
  for (let at = from; ; at = dirname(at)) {
    yield at
    if (dirname(at) === at) return
  }
}

/** The node that npm brought along for this platform. */
function bundledNode() {
  const names = [`node-${process.platform.replace('win32', 'win')}-${process.arch}`]
  names.push(names[0].replace('node-', 'node-bin-'))
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  for (const above of foldersUpward(folder)) {
    for (const name of names) {
      const path = join(above, 'node_modules', name, 'bin', file)
      if (existsSync(path)) return path
    }
  }
  return undefined
}

/** Runs this very command line with another node, as if it were this process. */
function runWith(node) {
  // The IPC channel ends the child when this process is gone, whatever ended it.
  const child = spawn(node, process.argv.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, HAWSER_RELAUNCHED: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGHUP'))
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`))
  child.on('exit', (code) => process.exit(code ?? 1))
}

function fail(reason) {
  process.stderr.write(`hawser: ${reason}\n`)
  process.exit(1)
}

if (Number(process.versions.node.split('.')[0]) >= nodeMajorMin) {
  // Stripped and compiled code is kept, so that the next start is fast; the variable is for children and workers.
  const cache = join(folder, '..', '..', '..', 'node_modules', '.cache', 'hawser')
  process.env.NODE_COMPILE_CACHE ??= cache
  module.enableCompileCache(cache)
  const { main } = await import('../src/main.ts')
  await main()
} else {
  const node = process.env.HAWSER_RELAUNCHED === '1' ? undefined : bundledNode()
  if (node === undefined) {
    fail(
      `needs Node ${nodeMajorMin} or newer and this is ${process.versions.node}; run \`npm ci\` in the checkout, which brings one, or install it from https://nodejs.org`,
    )
  } else runWith(node)
}
