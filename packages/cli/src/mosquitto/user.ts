/** Started as root, Mosquitto becomes another user once its doors are open; so does this process. */
import { chown, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HawserError } from '@hawser/std'

export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** What the file was not told, Mosquitto chooses in this order. */
const usualUsers = ['mosquitto', 'nobody']

/** `dataDir` is given to that user: what is in it was made by root a moment ago. */
export async function giveUpRoot(wanted: string | undefined, dataDir: string | undefined): Promise<void> {
  if (process.getuid?.() !== 0 || wanted === 'root') return
  const user = await userOf(wanted)
  if (dataDir !== undefined) await giveTo(user, dataDir)
  const groups = parseGroups(await readFile('/etc/group', 'utf8'), user.name)
  process.setgroups?.([user.gid, ...groups])
  process.setgid?.(user.gid)
  process.setuid?.(user.uid)
}

async function userOf(wanted: string | undefined): Promise<SystemUser> {
  const users = parseUsers(await readFile('/etc/passwd', 'utf8'))
  for (const name of wanted === undefined ? usualUsers : [wanted]) {
    const user = users.get(name)
    if (user !== undefined) return user
  }
  throw new HawserError('CONFIG_INVALID', `there is no user ${wanted ?? usualUsers.join(' or ')} to give up root for`, {
    mend: 'make it, or say user root if that is meant',
  })
}

export const parseUsers = (text: string): ReadonlyMap<string, SystemUser> =>
  new Map(
    text.split('\n').flatMap((line): (readonly [string, SystemUser])[] => {
      const [name = '', , uid, gid] = line.split(':')
      return uid === undefined || gid === undefined ? [] : [[name, { name, uid: Number(uid), gid: Number(gid) }]]
    }),
  )

/** Groups that name the user as a member: certificates are often readable by one. */
export const parseGroups = (text: string, user: string): readonly number[] =>
  text.split('\n').flatMap((line) => {
    const [, , gid, members = ''] = line.split(':')
    return gid !== undefined && members.split(',').includes(user) ? [Number(gid)] : []
  })

async function giveTo({ uid, gid }: SystemUser, folder: string): Promise<void> {
  await chown(folder, uid, gid)
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  for (const entry of entries) {
    if (!entry.isSymbolicLink()) await chown(join(entry.parentPath, entry.name), uid, gid)
  }
}
