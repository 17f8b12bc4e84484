/** What may not stand in a file: calls that hide an input, leftovers, and more than can be read in a sitting. */
import { codeOnly, commentsOnly } from './code-only.ts'
import { type Finding, isCode, isTest, isTidy, linesMatching, type Rule, type SourceTree } from './source-tree.ts'

const linesMax = 400

/** Applies a check to the code files that a rule is about. */
function perFile(
  tree: SourceTree,
  applies: (path: string) => boolean,
  check: (path: string, text: string) => readonly Finding[],
): Finding[] {
  return [...tree].flatMap(([path, text]) => (isCode(path) && !isTidy(path) && applies(path) ? check(path, text) : []))
}

const inStd = (path: string): boolean => path.startsWith('packages/std/')
const inBrowser = (path: string): boolean => path.startsWith('packages/console/src/web/')

export const bannedCalls: Rule = {
  name: 'time and randomness come by parameter, outside std and the browser',
  check: (tree) =>
    perFile(
      tree,
      (path) => !inStd(path) && !inBrowser(path) && !/(^|\/)bench\//.test(path),
      (path, text) =>
        linesMatching(
          path,
          codeOnly(text),
          /\bDate\.now\b|\bMath\.random\b|(?<![.\w])(setTimeout|setInterval)\s*\(|\bnew Date\(\s*\)|['"]node:timers/,
          'take a Clock or a Random instead',
        ),
    ),
  planted: [
    { 'packages/broker/src/planted.ts': 'export const now = Date.now()\n' },
    { 'packages/broker/src/planted.ts': 'export const dice = () => Math.random()\n' },
    { 'packages/broker/src/planted.test.ts': 'setTimeout(() => {}, 5)\n' },
    { 'packages/cli/src/planted.ts': 'setInterval(() => {}, 5)\n' },
    { 'packages/cli/src/planted.ts': 'export const today = `$\x7bnew Date()}`\n' },
  ],
}

export const leftovers: Rule = {
  name: 'no leftovers',
  check: (tree) => [
    ...perFile(
      tree,
      () => true,
      (path, text) => [
        ...linesMatching(path, text, /\b(TODO|FIXME|XXX|HACK)\b/, 'an unfinished thought: do it or drop it'),
        ...linesMatching(path, codeOnly(text), /\.only\(|\bonly: true/, 'a test that hides the others'),
        ...linesMatching(path, commentsOnly(text), commentedOutCode, 'commented-out code'),
        ...linesMatching(path, codeOnly(text), /\bdebugger\b/, 'a debugger statement'),
      ],
    ),
    ...perFile(
      tree,
      (path) => !path.startsWith('packages/cli/') && !/(^|\/)(bench|examples)\//.test(path),
      (path, text) =>
        linesMatching(
          path,
          codeOnly(text),
          /\bconsole\.(log|error|warn|info|debug|trace|dir|table)\(/,
          'print through the command line only',
        ),
    ),
  ],
  planted: [
    { 'packages/broker/src/planted.ts': '// TODO: later\n' },
    { 'packages/broker/src/planted.ts': "console.log('here')\n" },
    { 'packages/broker/src/planted.test.ts': "it.only('x', () => {})\n" },
    { 'packages/broker/src/planted.ts': '// const limit = options.limit ?? 5\n' },
    { 'packages/broker/src/planted.ts': '// return send(packet)\n' },
  ],
}

const commentedOutCode =
  /\/\/\s*(?:(?:export\s+)?(?:const|let|var)\s+[\w{[].*=|import\s.*from\s+['"]|return\s+[\w.]+\(.*\)?$|(?:await|throw new)\s+[\w.]+\(|(?:if|for|while)\s*\(.*\)\s*(?:\{|\w+\(.*\))?$|[\w.]+\(.*\);?$|\}\s*(?:else\s*\{)?$)/

export const readableFiles: Rule = {
  name: `no file of code is longer than ${linesMax} lines`,
  check: (tree) =>
    perFile(
      tree,
      () => true,
      (path, text) => {
        const lines = text.trimEnd().split('\n').length
        return lines > linesMax ? [{ path, what: `${lines} lines: split it by reason to change` }] : []
      },
    ),
  planted: [{ 'packages/broker/src/planted.ts': 'export {}\n'.repeat(linesMax + 1) }],
}

export const noAny: Rule = {
  name: 'no any',
  check: (tree) =>
    perFile(
      tree,
      (path) => path.endsWith('.ts') || path.endsWith('.tsx'),
      (path, text) =>
        linesMatching(
          path,
          codeOnly(text),
          /(?::|\bas|<|,|\|)\s*any\b(?!\s*[:(])|@ts-(ignore|nocheck)/,
          'say the type',
        ),
    ),
  planted: [
    { 'packages/broker/src/planted.ts': 'export const x: any = 1\n' },
    { 'packages/broker/src/planted.ts': 'export const y = JSON.parse("1") as any\n' },
    { 'packages/broker/src/planted.ts': 'export const z: Map<string, any> = new Map()\n' },
  ],
}

export const ownWorld: Rule = {
  name: "no absolute path of somebody's machine",
  check: (tree) =>
    [...tree].flatMap(([path, text]) =>
      isTidy(path) || path === 'package-lock.json'
        ? []
        : linesMatching(path, text, /(?<![\w.])\/(work|home\/\w+|root|Users\/\w+)\//, 'a path of one machine'),
    ),
  planted: [
    { 'packages/broker/src/planted.ts': "export const place = '/root/hawser/x'\n" },
    { 'docs/planted.md': 'See /home/ann/hawser/docs.\n' },
  ],
}

export const realTimersInTests: Rule = {
  name: 'no test sleeps',
  check: (tree) =>
    perFile(tree, isTest, (path, text) =>
      linesMatching(
        path,
        codeOnly(text),
        /\btimers\/promises\b|\bscheduler\.wait\(/,
        'wait for the event, not for a while',
      ),
    ),
  planted: [{ 'packages/broker/src/planted.test.ts': 'await scheduler.wait(50)\n' }],
}
