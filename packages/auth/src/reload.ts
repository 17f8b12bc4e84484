/** Files that are read again while clients stay connected. */

/** One thing wrong with a file, and where: `passwords:3`. It never quotes what may be a secret. */
export interface FileFault {
  readonly where: string
  readonly what: string
}

export interface Reloadable {
  /** Takes the new content, or says what is wrong with it and goes on with the old. */
  reload(): Promise<readonly FileFault[]>
}

export const whyUnreadable = (error: unknown): string => {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EACCES':
      return 'it may not be read'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
