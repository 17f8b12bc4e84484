/** A sine sensor as a user starts it: `hawser simulate sine` in a process of its own. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Component } from '@hawser/verify'
import type { CommandIo } from '../command.ts'

const launcher = fileURLToPath(new URL('../../bin/hawser.mjs', import.meta.url))
const exitCodeNotStarted = 127
/** A component is to be what its flags say, whatever this shell sets for others. */
const componentVariable = /^MQTT_/

export function startSine(id: string, brokerUrl: string, env: CommandIo['env']): Component {
  const args = ['simulate', 'sine', '--ids', id, '--broker', brokerUrl]
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !componentVariable.test(name)))
  const child = spawn(process.execPath, [launcher, ...args], { stdio: 'ignore', env: own })
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? exitCodeNotStarted))
    child.once('error', () => resolve(exitCodeNotStarted))
  })
  return {
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
