/** The files that `auth` and `acl` name: found from where the configuration lies, and readable before a start. */
import { access, constants } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Configuration } from './configuration.ts'
import { isPlainObject } from './names.ts'

type Named = Pick<Configuration, 'auth' | 'acl' | 'mosquittoAccess'>

/** By the file's spelling and by ours: keys that hold a path. */
const isPathKey = (key: string): boolean => key === 'file' || /(_file|File)$/.test(key)

export function authBeside(value: Named, folder: string): Named {
  const { auth, acl, mosquittoAccess } = value
  return {
    ...(auth === undefined ? {} : { auth: beside(auth, folder) }),
    ...(acl === undefined ? {} : { acl: beside(acl, folder) }),
    ...(mosquittoAccess === undefined ? {} : { mosquittoAccess: beside(mosquittoAccess, folder) }),
  }
}

export function beside<Value>(value: Value, folder: string): Value {
  if (!isPlainObject(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    isPathKey(key) && typeof inner === 'string' ? resolve(folder, inner) : beside(inner, folder),
  ])
  return Object.fromEntries(entries) as Value
}

export interface NamedFile {
  /** Where it is named, in the file's spelling. */
  readonly path: readonly string[]
  readonly file: string
}

export function namedFiles(value: unknown, path: readonly string[] = []): readonly NamedFile[] {
  if (!isPlainObject(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    isPathKey(key) && typeof inner === 'string'
      ? [{ path: [...path, key], file: inner }]
      : namedFiles(inner, [...path, key]),
  )
}

export const isReadable = (file: string): Promise<boolean> =>
  access(file, constants.R_OK).then(
    () => true,
    () => false,
  )
