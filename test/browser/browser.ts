import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import type * as axeCore from 'axe-core'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { buildEvent } from '../event.ts'
import type { Server } from '../bench/server.ts'
import { PATIENCE_MS, PATIENT } from '../patience.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

function findBrowser(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':')
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [process.env['CHROMIUM'] ?? '', ...paths].find((path) => path !== '' && existsSync(path))
}

const executablePath = findBrowser()

/** Tests in a real browser; skipped, with a note, if there is none. */
export const describeInBrowser = (name: string, tests: () => void): void => {
  if (executablePath === undefined) {
    process.stderr.write(`\nLEFT OUT, as this machine has no Chromium (or CHROMIUM): ${name}\n`)
  }
  describe.skipIf(executablePath === undefined)(name, tests)
}

export function launch(): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    timeout: PATIENCE_MS,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...quiet],
  })
}

type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>

/** A browser page in Kathmandu, with its errors and requests. */
export class Visitor {
  readonly errors: string[] = []
  readonly requested: string[] = []
  readonly #origin: string
  readonly page: Page
  readonly context: BrowserContext

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.context = context
    this.page = page
    this.#origin = origin
    page.on('console', (message) => {
      const isRejection = message.text().includes('status of 40') // expected by some tests
      if (message.type() === 'error' && !isRejection) this.errors.push(message.text())
    })
    page.on('pageerror', (error) => this.errors.push(String(error)))
    page.on('dialog', (dialog) => {
      this.errors.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => this.requested.push(request.url()))
  }

  static async arrive(
    browser: Browser,
    { origin }: Pick<Server, 'origin'>,
    options: ContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: origin,
      timezoneId: 'Asia/Kathmandu',
      viewport: { width: 1280, height: 900 },
      ...options,
    })
    context.setDefaultTimeout(PATIENCE_MS)
    return new Visitor(context, await context.newPage(), origin)
  }

  async signIn(token: string, path = '/'): Promise<void> {
    await this.page.goto(path)
    await this.page.getByLabel('Read token').fill(token)
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await this.page.getByRole('navigation', { name: 'Pages' }).waitFor()
  }

  /** Chooses the language of the pages that follow. */
  async speak(language: string): Promise<void> {
    await this.context.addCookies([{ name: 'language', value: language, url: this.#origin }])
  }

  async signOut(): Promise<void> {
    await this.page.locator('summary[aria-label="Menu"]').click()
    await this.page.getByRole('button', { name: 'Sign out' }).click()
  }

  /** Expects something of the page, whose clock has to be installed, while its seconds pass in a moment. */
  expectSoon<T>(poll: () => Promise<T>) {
    const hurry = async () => {
      await this.page.clock.fastForward(1_000)
      return poll()
    }
    return expect.poll(hurry, PATIENT)
  }

  /** Requests to other origins. */
  get elsewhere(): string[] {
    return this.requested.filter((url) => new URL(url).origin !== this.#origin)
  }

  /** Violations of WCAG 2.2 AA that axe finds on the page. @param rules only these */
  async findBarriers(rules?: string[]): Promise<string[]> {
    const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
    await this.page.evaluate(readFileSync(path, 'utf8')) // the content security policy allows no script tag
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const runOnly = rules ? { type: 'rule' as const, values: rules } : tags
    const results = await this.page.evaluate<axeCore.AxeResults, axeCore.RunOptions['runOnly']>(
      (chosen) => (globalThis as unknown as { axe: typeof axeCore }).axe.run({ runOnly: chosen }),
      runOnly,
    )
    return results.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    )
  }
}

/** Sends events to the webhook and waits until they are stored. */
export async function send(server: Server, ...events: object[]): Promise<void> {
  const before = await server.countStored()
  await server.post([Buffer.from(JSON.stringify(events))])
  await server.untilStored(before + events.length)
}

/** An event that just happened. */
export function recentEvent(changes: Record<string, unknown> = {}, ago = 0): object {
  const time = new Date(Date.now() - ago).toISOString().slice(0, 19)
  return buildEvent({ activityDateTime: time, messageName: 'Autumn sale', ...changes })
}
