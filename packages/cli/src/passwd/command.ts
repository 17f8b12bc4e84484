/** `hawser passwd`: makes and changes password files. */
import { HawserError } from '@hawser/std'
import { type Command, type CommandIo, exitCode } from '../command.ts'
import { helpText, parseFlags } from '../flags.ts'
import { readAll, readPassword } from './read-password.ts'

const flags = {
  create: { kind: 'switch', short: 'c', help: 'make the file; one that is there is not overwritten' },
  delete: { kind: 'switch', short: 'D', help: 'remove the user' },
  list: { kind: 'switch', help: 'print the user names' },
  batch: { kind: 'switch', short: 'b', help: 'the password is the last argument, where others can see it' },
  import: { kind: 'switch', help: 'set all users of the lines USER:PASSWORD on stdin' },
  scram: { kind: 'switch', help: 'store it so that SCRAM-SHA-256 can use it, too' },
} as const

type Change = (text: string) => Promise<string>

export const passwdCommand: Command = {
  name: 'passwd',
  summary: 'make and change password files',
  help: helpText({
    usage: 'hawser passwd [flags] FILE [USER [PASSWORD]]',
    about:
      'Sets the password of USER, asked for on the terminal or read as one line from stdin. Stored as argon2id; the other\nlines of the file, also those that mosquitto_passwd wrote, stay as they are. A running Hawser takes the file on SIGHUP.',
    flags,
    examples: [
      { command: 'hawser passwd -c passwords ann', does: 'a new file with one user' },
      { command: 'hawser passwd -D passwords ann', does: 'without ann' },
      { command: 'hawser passwd --list passwords', does: 'the user names, one a line' },
      { command: 'hawser passwd --import passwords < users', does: 'many at once' },
    ],
  }),
  async run(args, io) {
    const { flags: given, positionals } = parseFlags(flags, args)
    const [file, user, password, ...rest] = positionals
    if (file === undefined || rest.length > 0) throw usage('hawser passwd needs FILE and USER', 'see --help')
    const { parsePasswords } = await import('@hawser/auth')
    if (given.list) {
      const { users, faults } = parsePasswords(file, await existing(file))
      for (const { where, what } of faults) io.stderr.write(`${where}: ${what}\n`)
      io.stdout.write([...users.keys()].map((name) => `${name}\n`).join(''))
      return faults.length === 0 ? exitCode.success : exitCode.failure
    }
    if (password !== undefined && !given.batch) {
      throw usage('a password among the arguments is seen by others', 'leave it out, or say --batch if that is meant')
    }
    const change = given.import
      ? await importing(io, given.scram)
      : given.delete
        ? deleting(named(user))
        : setting(named(user), password ?? (await readPassword(io, named(user))), io, given.scram)
    await changeFile(file, change, given.create ?? false, io)
    return exitCode.success
  },
}

const usage = (what: string, mend: string): HawserError => new HawserError('USAGE', what, { mend })

function named(user: string | undefined): string {
  if (user === undefined) throw usage('no USER is given', 'hawser passwd FILE USER')
  // Its line could not be told from another, or from a comment.
  if (user === '' || user.startsWith('#') || /[:\r\n]/.test(user)) {
    throw usage(`"${user}" cannot be a user name`, 'leave out colons and line ends, and # at its beginning')
  }
  return user
}

async function existing(file: string): Promise<string> {
  const { readPasswordText } = await import('@hawser/auth')
  const text = await readPasswordText(file)
  if (text !== undefined) return text
  throw usage(`there is no file ${file}`, 'add --create to make it')
}

async function changeFile(file: string, change: Change, create: boolean, io: CommandIo): Promise<void> {
  const { readPasswordText, replacePasswordFile } = await import('@hawser/auth')
  const there = await readPasswordText(file)
  if (create && there !== undefined) throw usage(`${file} is there already`, 'leave --create out to change it')
  const text = create ? '' : await existing(file)
  await replacePasswordFile(file, await change(text), io.random)
}

function setting(user: string, password: string, io: CommandIo, scram: boolean | undefined): Change {
  if (password === '') throw usage('an empty password is none', 'give one')
  return async (text) => {
    const { hashForScram, hashPassword, scramText, withUser } = await import('@hawser/auth')
    if (!scram) return withUser(text, user, await hashPassword(password, io.random))
    const { prepared } = await import('@hawser/auth/scram')
    // Clients may spell the name otherwise: it is looked for in this form.
    try {
      return withUser(text, await prepared(user), scramText(await hashForScram(password, io.random)))
    } catch (cause) {
      throw new HawserError('USAGE', `SCRAM does not allow this name or password of "${user}"`, {
        mend: 'leave out control characters',
        cause,
      })
    }
  }
}

const deleting =
  (user: string): Change =>
  async (text) => {
    const { withoutUser } = await import('@hawser/auth')
    const without = withoutUser(text, user)
    if (without === undefined) throw usage(`there is no user "${user}"`, 'see --list')
    return without
  }

async function importing(io: CommandIo, scram: boolean | undefined): Promise<Change> {
  const lines = (await readAll(io)).split(/\r?\n/).filter((line) => line !== '')
  const changes = lines.map((line, index) => {
    const colon = line.indexOf(':')
    if (colon < 1) throw usage(`line ${index + 1} on stdin is no USER:PASSWORD`, 'nothing was changed')
    return setting(named(line.slice(0, colon)), line.slice(colon + 1), io, scram)
  })
  return async (text) => {
    let changed = text
    for (const change of changes) changed = await change(changed)
    return changed
  }
}
