/** Where `hawser connector seek` is told to go. */
import type { SeekCommand } from '@hawser/admin'
import { type Clock, HawserError } from '@hawser/std'

export interface SeekFlags {
  readonly time: string | undefined
  readonly 'seconds-ago': number | undefined
  readonly position: readonly string[] | undefined
}

export function seekCommand(word: string | undefined, flags: SeekFlags, clock: Clock): SeekCommand {
  const { time, position, 'seconds-ago': secondsAgo } = flags
  const [first, ...others] = [
    ...(word === undefined ? [] : [{ to: endOf(word) }]),
    ...(time === undefined ? [] : [{ time: instant(Date.parse(time), `--time ${time} is no time`) }]),
    ...(secondsAgo === undefined
      ? []
      : [{ time: instant(clock.wallMicros() / 1000 - secondsAgo * 1000, `--seconds-ago ${secondsAgo} is too long`) }]),
    ...(position === undefined ? [] : [{ positions: position.map(positionOf) }]),
  ]
  if (first !== undefined && others.length === 0) return first
  throw wrong('seek needs one place', 'give oldest, newest, --time, --seconds-ago or --position')
}

function endOf(word: string): 'oldest' | 'newest' {
  if (word === 'oldest' || word === 'newest') return word
  throw wrong(`${word} is no place`, 'give oldest or newest')
}

function instant(ms: number, message: string): string {
  const date = new Date(ms)
  if (!Number.isNaN(date.getTime())) return date.toISOString()
  throw wrong(message, 'write it as 2026-01-31T08:00:00Z')
}

function positionOf(text: string): { readonly partition: number; readonly position: number } {
  const [, partition, position] = /^(\d+):(\d+)$/.exec(text) ?? []
  if (partition === undefined || position === undefined) throw wrong(`--position ${text}`, 'write it as 0:1200')
  return { partition: Number(partition), position: Number(position) }
}

const wrong = (message: string, mend: string): HawserError => new HawserError('USAGE', message, { mend })
