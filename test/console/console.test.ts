/** The console's page in a real browser, over made-up figures that move. Screenshots go to test/artifacts. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type ConsoleServer, ensureWebBuilt, startConsole } from '@hawser/console'
import { DemoSource } from '@hawser/console/testing'
import { systemClock } from '@hawser/std'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { chromiumSkipReason, startChromium } from './chromium.ts'

const artifacts = join(import.meta.dirname, '../artifacts')
const desktop = { width: 1280, height: 800 }
const token = 'the-token'
const views = ['overview', 'clients', 'topics', 'machines', 'system'] as const
/** What each view shows when its figures are there. */
const settled = {
  overview: '.trend .sparkline',
  clients: 'tbody tr',
  topics: '.leaf .sparkline',
  machines: '.timeline rect',
  system: 'tbody tr',
} as const

interface Served extends AsyncDisposable {
  readonly source: DemoSource
  readonly server: ConsoleServer
  /** What the server reported; must be empty at the end. */
  readonly failures: unknown[]
}

async function serve(port = 0): Promise<Served> {
  const source = new DemoSource({ clock: systemClock, pastSeconds: 1_800 })
  const webRoot = ensureWebBuilt()
  const failures: unknown[] = []
  const server = await startConsole({
    ...{ source, host: '127.0.0.1', port, token, webRoot, version: '0.1.0', clock: systemClock },
    report: (error) => failures.push(error),
  })
  await webRoot
  return {
    source,
    server,
    failures,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      assert.deepEqual(failures, [])
    },
  }
}

describe('console page', { skip: chromiumSkipReason(), timeout: 120_000 }, () => {
  let browser: Browser
  before(async () => {
    browser = await startChromium()
    await mkdir(artifacts, { recursive: true })
  })
  after(() => browser.close())

  /** A page that fails its test when the browser complains, be it about a script, a rule or a missing file. */
  async function visit(served: Served, path = '', options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: desktop, ...options })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    await page.goto(`${served.server.url}/${path}`)
    await page.locator('main .card').first().waitFor()
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
  }

  const tile = (page: Page, name: string) => page.locator(`section[aria-label="${name}"] .value`)

  /** Waits until an element says something else than it does now. */
  async function changes(page: Page, selector: string): Promise<void> {
    const before = await page.locator(selector).first().textContent()
    await page.waitForFunction(([where, text]) => document.querySelector(String(where))?.textContent !== text, [
      selector,
      before,
    ] as const)
  }

  it('shows without scrolling what matters, and the numbers change', async () => {
    await using served = await serve()
    await using visited = await visit(served)
    const { page, complaints } = visited
    assert.equal(await tile(page, 'Devices connected').textContent(), '12')
    await changes(page, 'section[aria-label="Messages in"] .value')
    const inSight = ['.tiles', '.path svg', '.thirds table', '.oee:last-child', '.alarms li', '.command']
    for (const selector of inSight) {
      const box = await page.locator(selector).first().boundingBox()
      assert.ok(
        box !== null && box.y + box.height <= desktop.height,
        `${selector} ends at ${box && box.y + box.height}`,
      )
    }
    assert.match((await page.locator('.command code').textContent()) ?? '', /hawser pub/)
    assert.match((await page.locator('.path svg').getAttribute('aria-label')) ?? '', /12 devices publish/)
    assert.deepEqual(complaints, [])
  })

  it('shows an alarm as it comes', async () => {
    await using served = await serve()
    await using visited = await visit(served)
    served.source.machines[3]?.raiseAlarm(Math.floor(systemClock.wallMicros() / 1000))
    await visited.page.locator('section[aria-label="Last alarm"].bad .value', { hasText: 'MACHINE_004' }).waitFor()
    await visited.page.locator('.alarms li').first().locator('a', { hasText: 'MACHINE_004' }).waitFor()
  })

  it('says that the broker cannot be read, and goes on when it can', async () => {
    await using served = await serve()
    await using visited = await visit(served)
    const source = served.source
    const snapshot = source.snapshot
    source.snapshot = () => Promise.reject(new Error('the broker is starting again'))
    await visited.page.getByText('The broker cannot be read.').waitFor()
    source.snapshot = snapshot
    await visited.page.locator('.notice').waitFor({ state: 'detached' })
    assert.equal(served.failures.splice(0).length, 1, 'one outage is reported once')
  })

  it('survives a restart of the server without a reload', async () => {
    const first = await serve()
    await using visited = await visit(first)
    const { page } = visited
    await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }))
    await first[Symbol.asyncDispose]()
    await page.locator('.top').getByText('Reconnecting…').waitFor()
    await page.screenshot({ path: join(artifacts, 'console-reconnecting.png') })
    await using _second = await serve(first.server.port)
    await page.locator('.top').getByText('Live', { exact: true }).waitFor()
    await changes(page, 'section[aria-label="Messages in"] .value')
    assert.equal(await page.evaluate(() => 'notReloaded' in globalThis), true)
  })

  it('has an address for every view, for a search and for a machine', async () => {
    await using served = await serve()
    await using visited = await visit(served, '#/clients?search=machine-001')
    const { page, complaints } = visited
    assert.equal(await page.getByRole('searchbox').inputValue(), 'machine-001')
    await page.getByRole('heading', { name: '10 of 137' }).waitFor()
    await page.getByRole('searchbox').fill('machine-01')
    await page.getByRole('heading', { name: '38 of 137' }).waitFor()
    await page.getByRole('link', { name: 'Next' }).click()
    await page.getByText('26–38').waitFor()
    assert.match(page.url(), /search=machine-01&offset=25/)
    await page.goBack()
    await page.getByText('1–25').waitFor()
    await page.goto(`${served.server.url}/#/machines/MACHINE_003`)
    await page.getByRole('heading', { name: 'MACHINE_003' }).waitFor()
    await page.getByText('provisional', { exact: true }).waitFor()
    await page.locator('.timeline rect').first().waitFor()
    assert.deepEqual(complaints, [])
  })

  it('changes things only with the token, which it forgets with the tab', async () => {
    await using served = await serve()
    await using visited = await visit(served, '#/system')
    const { page } = visited
    await page.getByRole('button', { name: 'pause postgres' }).click()
    await page.getByRole('textbox', { name: 'Token' }).fill('wrong')
    await page.getByRole('button', { name: 'Use it' }).click()
    await page.getByRole('button', { name: 'pause postgres' }).click()
    await page.getByText('this needs the token').waitFor()
    assert.deepEqual(served.source.commands, [])

    await page.getByRole('button', { name: 'Change the token' }).click()
    await page.getByRole('textbox', { name: 'Token' }).fill(token)
    await page.getByRole('button', { name: 'Use it' }).click()
    await page.getByRole('button', { name: 'pause postgres' }).click()
    await page.getByRole('button', { name: 'resume postgres' }).waitFor()
    assert.deepEqual(served.source.commands, ['paused postgres'])
  })

  it('takes the token from the address and takes it out of there', async () => {
    await using served = await serve()
    await using visited = await visit(served, `#token=${token}`)
    assert.equal(visited.page.url(), `${served.server.url}/#/overview`)
    await visited.page.getByRole('button', { name: 'Change the token' }).waitFor()
  })

  it('is reached by keyboard: every link, button and field, each with a name', async () => {
    await using served = await serve()
    for (const view of views) {
      await using visited = await visit(served, `#/${view}`)
      const { page } = visited
      const all = 'a[href], button, input, select, summary'
      await page.evaluate((selector) => {
        for (const [index, element] of [...document.querySelectorAll(selector)].entries()) {
          if (element.closest('dialog') === null) element.setAttribute('data-reach', String(index))
        }
      }, all)
      const wanted = await page.locator('[data-reach]').count()
      const reached = new Set<string>()
      for (let step = 0; step < wanted + 5; step++) {
        await page.keyboard.press('Tab')
        const found = await page.evaluate(() => document.activeElement?.getAttribute('data-reach') ?? '')
        if (found !== '') reached.add(found)
      }
      assert.ok(reached.size === wanted && wanted > 8, `${view}: ${reached.size} of ${wanted} are reached`)
      const nameless = await page.evaluate(
        (selector) =>
          [...document.querySelectorAll<HTMLElement>(selector)]
            .filter((element) => {
              const label = element.getAttribute('aria-label') ?? element.textContent ?? ''
              return label.trim() === '' && element.closest('label')?.textContent?.trim() === undefined
            })
            .map((element) => element.outerHTML),
        all,
      )
      assert.deepEqual(nameless, [], view)
    }
  })

  for (const [name, options] of [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { colorScheme: 'light', viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, hasTouch: true }],
  ] as const) {
    it(`fits its width and complains of nothing: ${name}`, async () => {
      await using served = await serve()
      for (const view of views) {
        await using visited = await visit(served, `#/${view}`, options)
        const { page, complaints } = visited
        await page.locator(settled[view]).first().waitFor()
        await page.screenshot({ path: join(artifacts, `console-${name}-${view}.png`), fullPage: name === 'phone' })
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        assert.ok(over <= 0, `${view} is ${over} pixels too wide`)
        assert.deepEqual(complaints, [], view)
      }
    })
  }

  it('changes its theme by a button, and keeps it', async () => {
    await using served = await serve()
    await using visited = await visit(served, '', { colorScheme: 'light' })
    const { page } = visited
    const background = () =>
      page.evaluate(() => getComputedStyle(document.body.parentElement as Element).backgroundColor)
    const light = await background()
    await page.getByRole('button', { name: 'Use dark theme' }).click()
    const dark = await background()
    assert.notEqual(dark, light)
    await page.reload()
    await page.getByRole('button', { name: 'Use light theme' }).waitFor()
    assert.equal(await background(), dark)
  })
})
