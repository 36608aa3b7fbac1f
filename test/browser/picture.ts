import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { readOptions } from '../../src/cli/options.ts'
import { SETTINGS } from '../../src/cli/demo/folder.ts'
import { launch, Visitor } from './browser.ts'

const PORT = '8789'

const USAGE = `Takes the README's screenshots of the demo: test/browser/overview.png and campaign.png

  npm run picture`

readOptions({}, USAGE)

/** `npm run picture` */
const root = join(import.meta.dirname, '../..')
const demo = spawn(process.execPath, ['src/cli/demo.ts', '--port', PORT], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
})
const browser = await launch()
try {
  let printed = ''
  for await (const text of demo.stdout.setEncoding('utf8')) {
    printed += text
    if (printed.includes('Ctrl-C stops it')) break
  }
  const origin = `http://localhost:${PORT}`
  const options = { viewport: { width: 1280, height: 900 }, timezoneId: 'Europe/Kyiv' }
  const visitor = await Visitor.arrive(browser, { origin }, options)
  await visitor.signIn(SETTINGS.READ_TOKEN, '/?period=30days')
  await visitor.page.screenshot({ path: join(import.meta.dirname, 'overview.png') })
  await visitor.page.goto('/campaigns?sort=largest')
  await visitor.page.locator('tbody th a[href^="/campaigns/"]').first().click()
  await visitor.page.waitForURL(/\/campaigns\/\d+/)
  await visitor.page.screenshot({ path: join(import.meta.dirname, 'campaign.png') })
} finally {
  await browser.close()
  demo.kill('SIGINT')
  await once(demo, 'exit')
}
