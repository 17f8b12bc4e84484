/** The page of a real `hawser up` in a real browser: figures of its devices, an alarm of a machine, its core killed. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { AdminClient, api } from '@hawser/admin'
import { temporaryFolder } from '@hawser/std/testing'
import type { Page } from 'playwright-core'
import { startHawser } from '../../packages/cli/src/testing/running-hawser.ts'
import { chromiumSkipReason, startChromium } from './chromium.ts'

const artifacts = join(import.meta.dirname, '../artifacts')
const pageMsMax = 60_000

const acknowledged = async (page: Page): Promise<number> => {
  const text = (await page.locator('section[aria-label="Missing"]').textContent()) ?? ''
  return Number(/of ([\d\s.,\u202f]+) acknowledged/.exec(text)?.[1]?.replaceAll(/\D/g, '') ?? Number.NaN)
}

/** Waits until the page says that more has been acknowledged than `than`. */
async function moreThan(page: Page, than: number): Promise<void> {
  while (!((await acknowledged(page)) > than)) {
    await page.locator('section[aria-label="Missing"]').evaluate(
      (tile) =>
        new Promise<void>((resolve) => {
          const observer = new MutationObserver(() => {
            observer.disconnect()
            resolve()
          })
          observer.observe(tile, { subtree: true, characterData: true, childList: true })
        }),
    )
  }
}

it('shows the devices of hawser up, an alarm, and survives the death of its core', {
  skip: chromiumSkipReason(),
  timeout: 180_000,
}, async () => {
  await using folder = await temporaryFolder()
  const anyPorts = ['--mqtt-port', '0', '--ws-port', '0', '--http-port', '0']
  // So many machines that one of them soon reports an alarm.
  const flags = [...anyPorts, '--scale', 'machine=40', '--data-dir', join(folder.path, 'data')]
  await using hawser = startHawser(['up', ...flags])
  const [url] = await hawser.prints(/http:\/\/[\d.]+:\d+/)
  const browser = await startChromium()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(pageMsMax)
    await page.goto(url)
    await page.locator('.alarms li', { hasText: 'MACHINE_' }).first().waitFor()
    await moreThan(page, await acknowledged(page))

    const { parts } = await new AdminClient({ baseUrl: url }).call(api.snapshot)
    process.kill(parts.find(({ name }) => name === 'core')?.pid ?? assert.fail('core has no process'), 'SIGKILL')
    await page.locator('.top').getByText('Reconnecting…').waitFor()
    await page.locator('.top').getByText('Live', { exact: true }).waitFor()
    await moreThan(page, 0)
    assert.equal(await page.locator('section[aria-label="Missing"] .value').textContent(), '0')
    await mkdir(artifacts, { recursive: true })
    await page.screenshot({ path: join(artifacts, 'up-after-its-core-was-killed.png') })
  } finally {
    await browser.close()
  }
})
