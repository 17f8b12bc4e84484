import { HawserError } from '@hawser/std'
import type { Place } from '../conf/conf.ts'

export const fileError = ({ file, line }: Place, what: string, mend: string): HawserError =>
  new HawserError('CONFIG_INVALID', `${file}:${line}: ${what}`, { mend })
