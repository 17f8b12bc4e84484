/** Reads a mosquitto.conf with all that it includes. Faults are gathered, so that all of them can be told at once. */
import { nearest } from '@hawser/std'
import type { Option } from '../options/option.ts'
import { optionNames, optionOf, verdictOf } from '../options/table.ts'
import {
  type BridgeSection,
  type ConfFault,
  type ListenerSection,
  type MosquittoConf,
  type Place,
  type Setting,
  Settings,
} from './conf.ts'
import { settledFaults } from './faults.ts'
import { type ConfLine, includedFiles, readLines } from './lines.ts'
import { readValue } from './value.ts'

export async function readMosquittoConf(file: string): Promise<MosquittoConf> {
  const reader = new Reader(file)
  await reader.read(file)
  return reader.conf()
}

/** What the lines of one file stand under. An included file begins with nothing above it. */
interface Above {
  listener: ListenerSection | undefined
  /** `port` below a `listener`: 2.0 and 2.1 differ in whom the next line is for. */
  unclear: boolean
  bridge: BridgeSection | undefined
  plugin: boolean
}

class Reader {
  readonly #file: string
  readonly #settings = new Settings()
  readonly #listeners: ListenerSection[] = []
  readonly #bridges: BridgeSection[] = []
  readonly #entries: Setting[] = []
  readonly #faults: ConfFault[] = []
  #default: ListenerSection | undefined
  #perListener = false
  #securitySeen = false

  constructor(file: string) {
    this.#file = file
  }

  async read(file: string): Promise<void> {
    const above: Above = { listener: undefined, unclear: false, bridge: undefined, plugin: false }
    for (const line of await readLines(file)) {
      const setting = this.#setting(line)
      if (setting === undefined) continue
      this.#entries.push(setting)
      if (setting.option.name === 'include_dir') await this.#include(setting, file)
      else this.#place(setting, above)
    }
  }

  conf(): MosquittoConf {
    const conf: MosquittoConf = {
      file: this.#file,
      settings: this.#settings,
      listeners: this.#listeners,
      bridges: this.#bridges,
      perListenerSettings: this.#perListener,
      entries: this.#entries,
      faults: this.#faults,
    }
    return { ...conf, faults: [...this.#faults, ...settledFaults(conf)] }
  }

  #setting({ name, rest, file, line }: ConfLine): Setting | undefined {
    const place = { file, line }
    const option = optionOf(name)
    if (option === undefined) {
      this.#faults.push({ ...place, what: `unknown option ${JSON.stringify(name)}`, mend: mendOfUnknown(name) })
      return undefined
    }
    const read = readValue(option.argument, rest)
    if (read.kind === 'fault') {
      this.#faults.push({ ...place, what: `${name} ${read.what}`, mend: read.mend })
      return undefined
    }
    return { option, value: read.value, place, verdict: verdictOf(option, read.judged) }
  }

  async #include({ value, place }: Setting, file: string): Promise<void> {
    if (file !== this.#file) {
      this.#faults.push({ ...place, what: 'include_dir in an included file', mend: 'only the main file may include' })
      return
    }
    let files: readonly string[]
    try {
      files = await includedFiles(String(value))
    } catch {
      this.#faults.push({
        ...place,
        what: `the folder ${value} cannot be read`,
        mend: 'name a folder, from where you start',
      })
      return
    }
    for (const included of files) await this.read(included)
  }

  #place(setting: Setting, above: Above): void {
    const { option, place } = setting
    switch (option.scope) {
      case 'global':
        return this.#placeGlobal(setting, above)
      case 'listener':
        return this.#addTo(this.#listenerOf(option, place, above), setting)
      case 'security':
        this.#securitySeen = true
        above.plugin ||= option.name === 'plugin'
        if (!this.#perListener) return this.#addTo({ settings: this.#settings }, setting)
        return this.#addTo(this.#listenerOf(option, place, above), setting)
      case 'bridge':
        if (above.bridge === undefined) return this.#needs(option, place, 'a connection')
        return this.#addTo(above.bridge, setting)
      case 'plugin':
        if (!above.plugin) this.#needs(option, place, 'a plugin')
        return
      default:
        throw option.scope satisfies never
    }
  }

  #placeGlobal(setting: Setting, above: Above): void {
    const { option, value, place } = setting
    switch (option.name) {
      case 'listener':
        above.listener = { line: setting, settings: new Settings() }
        above.unclear = false
        this.#listeners.push(above.listener)
        return
      case 'port':
      case 'bind_address':
        above.unclear = above.listener?.line !== undefined
        above.listener = this.#defaultListener()
        return this.#addTo(above.listener, setting)
      case 'connection':
        above.bridge = { line: setting, settings: new Settings() }
        this.#bridges.push(above.bridge)
        return
      case 'global_plugin':
      case 'plugin_load':
        above.plugin = true
        return
      case 'per_listener_settings':
        if (value === true && this.#securitySeen) {
          const what = 'per_listener_settings below options that it is about'
          this.#faults.push({ ...place, what, mend: 'make it the first line' })
        }
        this.#perListener ||= value === true
        return this.#addTo({ settings: this.#settings }, setting)
      default:
        return this.#addTo({ settings: this.#settings }, setting)
    }
  }

  #listenerOf(option: Option, place: Place, above: Above): ListenerSection {
    if (above.unclear) {
      const mend = 'write the default listener as a listener line too'
      this.#faults.push({
        ...place,
        what: `${option.name} below a port that is below a listener means two things`,
        mend,
      })
    }
    above.listener ??= this.#defaultListener()
    return above.listener
  }

  #defaultListener(): ListenerSection {
    if (this.#default === undefined) {
      this.#default = { line: undefined, settings: new Settings() }
      this.#listeners.push(this.#default)
    }
    return this.#default
  }

  #addTo({ settings }: Pick<ListenerSection, 'settings'>, setting: Setting): void {
    const { option, place } = setting
    if (option.again === 'refused' && settings.has(option.name)) {
      this.#faults.push({ ...place, what: `${option.name} stands here a second time`, mend: 'keep one of them' })
    }
    settings.add(setting)
  }

  #needs({ name }: Option, place: Place, what: string): void {
    this.#faults.push({ ...place, what: `${name} without ${what} above it`, mend: 'move it below, or take it out' })
  }
}

function mendOfUnknown(name: string): string {
  if (name.startsWith('#')) return 'a comment begins in the first column'
  if (name.includes('\t')) return 'Mosquitto takes blanks behind a name, no tabs'
  const near = nearest(name, optionNames)
  return near === undefined ? 'see docs/mosquitto.md for all that there are' : `did you mean ${near}?`
}
