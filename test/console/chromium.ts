/** A real browser for tests of the console's page: Debian's Chromium, or another one by CHROMIUM. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { skipUnless } from '../support/skip-unless.ts'

const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/google-chrome',
]

const executable = (): string | undefined => places.find((place) => place !== undefined && existsSync(place))

/** Why tests in a browser are skipped here; false where they can run. */
export function chromiumSkipReason(): string | false {
  return skipUnless(
    executable() !== undefined,
    'no Chromium is here: apt-get install -y chromium, or name one in CHROMIUM',
  )
}

export async function startChromium(): Promise<Browser> {
  const executablePath = executable()
  if (executablePath === undefined) throw new Error(String(chromiumSkipReason()))
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] })
}
