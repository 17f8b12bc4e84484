/**
 * Loaded ahead of a program (`--import`): its wall clock is off by the milliseconds that a file says, from the moment
 * at which the file says so. What counts from the boot of the host goes on, as it does when somebody sets a clock.
 */
import { readFileSync, watchFile } from 'node:fs'

const file = process.env['SHIFTED_CLOCK_FILE']
const RealDate = Date
let offsetMs = 0

function read(path: string): void {
  try {
    offsetMs = Number(readFileSync(path, 'utf8')) || 0
  } catch {
    offsetMs = 0
  }
}

if (file !== undefined) {
  read(file)
  watchFile(file, { interval: 100, persistent: false }, () => read(file))
  const now = (): number => RealDate.now() + offsetMs
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values: unknown[]) => Reflect.construct(target, values.length === 0 ? [now()] : values),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
}
