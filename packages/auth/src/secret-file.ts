/** One secret or key in a file, which may change while the broker runs. */
import { readFile } from 'node:fs/promises'
import { HawserError } from '@hawser/std'
import { type FileFault, type Reloadable, whyUnreadable } from './reload.ts'

export class SecretFile<Secret> implements Reloadable {
  readonly #path: string
  readonly #read: (text: string) => Secret
  #value: Secret

  private constructor(path: string, read: (text: string) => Secret, value: Secret) {
    this.#path = path
    this.#read = read
    this.#value = value
  }

  /** `read` makes of the text what is needed, and throws a `HawserError` where it cannot. */
  static async open<Secret>(path: string, read: (text: string) => Secret): Promise<SecretFile<Secret>> {
    let text: string
    try {
      text = await textOf(path)
    } catch (cause) {
      const message = `${path}: ${whyUnreadable(cause)}`
      throw new HawserError('CONFIG_INVALID', message, { mend: 'make it, or mend its rights', cause })
    }
    return new SecretFile(path, read, read(text))
  }

  get value(): Secret {
    return this.#value
  }

  async reload(): Promise<readonly FileFault[]> {
    try {
      this.#value = this.#read(await textOf(this.#path))
      return []
    } catch (error) {
      return [{ where: this.#path, what: whyUnreadable(error) }]
    }
  }
}

/** Without the line end that editors put there. */
const textOf = async (path: string): Promise<string> => (await readFile(path, 'utf8')).trimEnd()
