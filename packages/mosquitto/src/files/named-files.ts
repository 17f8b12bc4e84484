/** The files that a configuration names, as far as a start would stumble over them. */
import { access, constants } from 'node:fs/promises'
import { parsePasswords, whyUnreadable } from '@hawser/auth'
import { HawserError } from '@hawser/std'
import type { ConfFault, MosquittoConf, Setting } from '../conf/conf.ts'
import { readConfText } from '../conf/lines.ts'
import { readAclFile } from './acl-file.ts'

const checks: Readonly<Record<string, (file: string) => Promise<string | undefined>>> = {
  acl_file: (file) => whyRefused(readAclFile(file)),
  password_file: whyBadPasswords,
  cafile: whyNotThere,
  certfile: whyNotThere,
  keyfile: whyNotThere,
  crlfile: whyNotThere,
}

export async function namedFileFaults({ entries }: MosquittoConf): Promise<readonly ConfFault[]> {
  const faults = await Promise.all(entries.map(faultOf))
  return faults.filter((fault) => fault !== undefined)
}

async function faultOf({ option, value, place }: Setting): Promise<ConfFault | undefined> {
  const what = await checks[option.name]?.(String(value))
  return what === undefined ? undefined : { ...place, what, mend: 'mend the file, its rights or its name' }
}

async function whyBadPasswords(file: string): Promise<string | undefined> {
  let text = ''
  const unread = await whyRefused(readConfText(file).then((read) => (text = read)))
  if (unread !== undefined) return unread
  const [first] = parsePasswords(file, text).faults
  return first === undefined ? undefined : `${first.where}: ${first.what}`
}

async function whyNotThere(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.R_OK)
    return undefined
  } catch (error) {
    return `${file}: ${whyUnreadable(error)}`
  }
}

async function whyRefused(reading: Promise<unknown>): Promise<string | undefined> {
  try {
    await reading
    return undefined
  } catch (error) {
    if (error instanceof HawserError) return error.message
    throw error
  }
}
