/**
 * Builds the page when its sources have changed since the last time. The folder's name is the sources' hash, so a build
 * that is there is right, several processes may build at once, and nothing built is committed.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const packageRoot = join(import.meta.dirname, '../..')
const buildMsMax = 60_000
/** Another Hawser may still serve an older one. */
const buildsKept = 3
const unfinished = '.unfinished-'

export interface WebBuildOptions {
  readonly sources?: string
  readonly output?: string
  readonly signal?: AbortSignal
}

/** Resolves with the folder to serve. The bundler runs in a process of its own and is gone afterwards. */
export async function ensureWebBuilt(options: WebBuildOptions = {}): Promise<string> {
  const sources = options.sources ?? join(packageRoot, 'src/web')
  const output = options.output ?? join(packageRoot, 'dist')
  const built = join(output, await hashOf(sources))
  if (await isThere(built)) return built
  await mkdir(output, { recursive: true })
  const folder = await mkdtemp(join(output, unfinished))
  try {
    await build(sources, folder, options.signal)
    await rename(folder, built)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    // Another process was faster.
    if (!(await isThere(built))) throw error
  }
  await removeOld(output)
  return built
}

/** Of everything that decides what comes out: names, contents, and the versions in this package's own file. */
async function hashOf(sources: string): Promise<string> {
  const hash = createHash('sha256')
  const entries = await readdir(sources, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const path of [...files.sort(), join(packageRoot, 'package.json')]) {
    const content = await readFile(path)
    hash.update(`${relative(sources, path).replaceAll(sep, '/')}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

async function build(sources: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const vite = join(dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin/vite.js')
  const flags = ['--config', join(sources, 'vite.config.ts'), '--configLoader', 'native', '--outDir', folder]
  try {
    await promisify(execFile)(process.execPath, [vite, 'build', sources, ...flags, '--emptyOutDir'], {
      env: { ...process.env, NODE_ENV: 'production' },
      timeout: buildMsMax,
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    const said = String((cause as { readonly stderr?: unknown }).stderr ?? '').trim()
    throw new Error(`building the console's page failed: ${said || (cause as Error).message}`, { cause })
  }
}

async function removeOld(output: string): Promise<void> {
  const names = (await readdir(output)).filter((name) => !name.startsWith(unfinished))
  const builds = await Promise.all(
    names.map(async (name) => ({ path: join(output, name), changedMs: (await stat(join(output, name))).mtimeMs })),
  )
  builds.sort((a, b) => b.changedMs - a.changedMs)
  for (const { path } of builds.slice(buildsKept)) await rm(path, { recursive: true, force: true })
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}
