import { join } from 'node:path'
import { readOptions } from '../../src/cli/options.ts'
import { Server, TOKEN } from '../bench/server.ts'
import { joinBody, makeTraffic } from '../../src/simulator/traffic.ts'
import { launch, Visitor } from './browser.ts'

const EVENTS = 60_000
const DAYS = 24 // before now, when the events start; they end a few days ago
const FILE = join(import.meta.dirname, 'overview.png')

const USAGE = `Takes the README's screenshot of the overview with simulated events: test/browser/overview.png

  npm run picture`

readOptions({}, USAGE)

/** `npm run picture` */
const [server, browser] = await Promise.all([Server.start('receiver'), launch()])
try {
  const start = Date.now() - DAYS * 86_400_000
  const traffic = [...makeTraffic({ seed: 4, events: EVENTS, poison: 0.0002, start })]
  await server.post(traffic.map(joinBody))
  await server.untilStored(EVENTS)
  const visitor = await Visitor.arrive(browser, server, { deviceScaleFactor: 1 })
  await visitor.page.setViewportSize({ width: 1280, height: 900 })
  await visitor.signIn(TOKEN, '/?period=30days')
  await visitor.page.screenshot({ path: FILE })
} finally {
  await browser.close()
  await server.close()
}
