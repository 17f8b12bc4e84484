/** What `--profile ROW` prints. */
import type { FunctionTime } from './cpu-profile.ts'
import { groups } from './cpu-profile.ts'
import { ourFiles, sumMicros, type ThreadTimes } from './profile-row.ts'

const functionsShown = 25
const filesShown = 15

export const profileText = (threads: readonly ThreadTimes[]): string => threads.map(threadText).join('\n\n')

const line = (share: number, what: string): string => `${(100 * share).toFixed(1).padStart(6)} %  ${what}`

function threadText({ thread, functions }: ThreadTimes): string {
  const total = sumMicros(functions)
  const share = (some: readonly FunctionTime[]): number => sumMicros(some) / total
  const place = ({ file, group, line }: FunctionTime): string => (file === '' ? group : `${file}:${line}`)
  return [
    `${thread}, ${(total / 1e6).toFixed(2)} s busy`,
    ...groups.map((group) => line(share(functions.filter((each) => each.group === group)), group)),
    '',
    'our files',
    ...ourFiles(functions)
      .slice(0, filesShown)
      .map(({ file, share }) => line(share, file)),
    '',
    'functions',
    ...functions.slice(0, functionsShown).map((each) => line(share([each]), `${each.name}  ${place(each)}`)),
  ].join('\n')
}
