/** What every method of authentication must do. A method's own test file is a few lines that call this. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Candidate } from '@hawser/broker'
import type { AuthenticationMethod, Verdict } from '../method.ts'
import { candidate } from '../testing/candidate.ts'

export interface OpenedMethod extends AsyncDisposable {
  readonly method: AuthenticationMethod
  /** Everything that was said to a log. */
  readonly log: readonly string[]
}

export interface MethodUnderTest {
  readonly name: string
  open(): Promise<OpenedMethod>
  /** Who is let in, and as whom. */
  readonly good: { readonly candidate: () => Candidate | Promise<Candidate>; readonly username: string }
  /** By what is wrong with each: all are refused alike. */
  readonly bad: Readonly<Record<string, () => Candidate | Promise<Candidate>>>
  /** Has other credentials, and none of this kind. */
  readonly foreign: Candidate
  /** Texts that must not appear in a verdict or a log. */
  readonly secrets: readonly string[]
  /**
   * The method while whoever judges for it does not answer, with room for one at work and one waiting; undefined for
   * a method that waits for nobody.
   */
  readonly slow?: () => Promise<OpenedMethod & { readonly answer: () => void }>
  /** The method while whoever judges for it is broken. */
  readonly broken?: () => Promise<OpenedMethod>
}

const hostile: readonly (string | Buffer)[] = [
  '',
  '.',
  '..',
  'e30.e30.',
  'eyJhbGciOiJIUzI1NiJ9..',
  'eyJhbGciOiJub25lIn0.e30.',
  '\u0000',
  '__proto__',
  'constructor',
  '%u',
  '"}{"result":"allow"',
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  Buffer.alloc(65_535, 0xff),
  Buffer.alloc(65_535, 0x2e),
]

const said = (value: unknown): string => JSON.stringify(value) ?? ''

export function methodContract(under: MethodUnderTest): void {
  describe(`${under.name}: method of authentication`, () => {
    it('lets in who proves it, as the name that is proved', async () => {
      await using opened = await under.open()
      const verdict = await opened.method.authenticate(await under.good.candidate())
      assert.equal(verdict.kind, 'accepted', said(verdict))
      assert.equal(verdict.kind === 'accepted' && verdict.proved.username, under.good.username)
    })

    it('refuses all others with one and the same answer', async () => {
      await using opened = await under.open()
      const verdicts: Verdict[] = []
      for (const [what, make] of Object.entries(under.bad)) {
        const verdict = await opened.method.authenticate(await make())
        assert.equal(verdict.kind, 'refused', `${what}: ${said(verdict)}`)
        assert.equal(verdict.kind === 'refused' && verdict.result, 'bad-credentials', what)
        verdicts.push(verdict)
      }
      for (const verdict of verdicts) assert.deepEqual(verdict, verdicts[0])
    })

    it('leaves to others what is not its own', async () => {
      await using opened = await under.open()
      assert.equal((await opened.method.authenticate(candidate())).kind, 'not-mine')
      assert.equal((await opened.method.authenticate(under.foreign)).kind, 'not-mine')
    })

    it('tells no secret', async () => {
      await using opened = await under.open()
      const heard: string[] = []
      for (const make of [under.good.candidate, ...Object.values(under.bad)]) {
        heard.push(said(await opened.method.authenticate(await make())))
      }
      const text = [...heard, ...opened.log].join('\n')
      for (const secret of under.secrets) assert.equal(text.includes(secret), false, secret)
    })

    it('lets nobody in once it is closed', async () => {
      const opened = await under.open()
      await opened.method[Symbol.asyncDispose]()
      const verdict = await opened.method.authenticate(await under.good.candidate())
      await opened[Symbol.asyncDispose]()
      assert.equal(verdict.kind, 'refused', said(verdict))
      assert.equal(verdict.kind === 'refused' && verdict.result, 'unavailable')
    })

    it('answers whatever comes, and lets none of it in', async () => {
      await using opened = await under.open()
      for (const bytes of hostile) {
        const password = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
        for (const username of ['x', password.toString('utf8')]) {
          const verdict = await opened.method.authenticate({ ...candidate(), username, password })
          assert.notEqual(verdict.kind, 'accepted', said(verdict).slice(0, 100))
        }
      }
    })

    boundedWork(under)
    failingClosed(under)
  })
}

function boundedWork({ slow, good }: MethodUnderTest): void {
  if (slow === undefined) return

  it('has a bound for those who wait, and says 0x89 past it', async () => {
    await using opened = await slow()
    const asked = good.candidate
    const first = opened.method.authenticate(await asked())
    const second = opened.method.authenticate({ ...(await asked()), clientId: 'second' })
    const third = await opened.method.authenticate({ ...(await asked()), clientId: 'third' })
    assert.equal(third.kind === 'refused' && third.reasonCode, 0x89, said(third))
    opened.answer()
    assert.equal((await first).kind, 'accepted')
    opened.answer()
    assert.equal((await second).kind, 'accepted')
  })

  it('sends those away who wait when it is closed', async () => {
    await using opened = await slow()
    const first = opened.method.authenticate(await good.candidate())
    const second = opened.method.authenticate({ ...(await good.candidate()), clientId: 'second' })
    const closing = opened.method[Symbol.asyncDispose]()
    const verdict = await second
    assert.equal(verdict.kind === 'refused' && verdict.result, 'unavailable', said(verdict))
    opened.answer()
    await Promise.all([first, closing])
  })
}

function failingClosed({ broken, good }: MethodUnderTest): void {
  if (broken === undefined) return

  it('lets nobody in while it cannot judge', async () => {
    await using opened = await broken()
    const verdict = await opened.method.authenticate(await good.candidate())
    assert.equal(verdict.kind === 'refused' && verdict.result, 'unavailable', said(verdict))
    assert.equal(verdict.kind === 'refused' && verdict.reasonCode, 0x88)
  })
}
