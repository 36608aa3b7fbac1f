import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const TEXT = `${'0'.repeat(40)}-page.html`

const BUNDLE = `
  import page from './${TEXT}'
  import { setTimeout } from 'node:timers/promises'
  export default {
    async fetch(request, { DB }) {
      const { waitUntil } = await import('cloudflare:workers')
      await setTimeout(1e9)
      waitUntil(DB.prepare('INSERT INTO items VALUES (1)').run())
      for (let index = 0, end = performance.now() + 20; performance.now() < end; index++);
      return new Response(page)
    },
  }`

const MAIN = `
  import { calibrate, Runtime } from '${join(import.meta.dirname, 'index.ts')}'
  import { loadWorker, memoryD1, threadCpu } from '${join(import.meta.dirname, 'node.ts')}'
  const instant = 'data:text/javascript,export const setTimeout = async () => {}'
  const { worker } = await loadWorker('BUNDLE', { modules: { 'node:timers/promises': instant } })
  const DB = memoryD1()
  await DB.exec('CREATE TABLE items (id INTEGER)')
  const runtime = new Runtime({ cpu: threadCpu })
  const { response, invocation } = await runtime.fetch(worker, new Request('https://x.example'), { DB })
  console.log(JSON.stringify({
    text: await response.text(),
    items: await DB.prepare('SELECT count(*) AS items FROM items').first('items'),
    overruns: runtime.overruns,
    processorUs: invocation.processorUs,
    slowness: calibrate(threadCpu).slowness,
  }))`

it('runs a bundle in Node with its texts and waitUntil, and measures its processor time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strict-'))
  try {
    const [bundle, main] = [join(folder, 'index.mjs'), join(folder, 'main.ts')]
    writeFileSync(join(folder, TEXT), '<p>“ok”</p>')
    writeFileSync(bundle, BUNDLE)
    writeFileSync(main, MAIN.replace('BUNDLE', bundle))
    const output = execFileSync(process.execPath, ['--no-warnings', main], { encoding: 'utf8' })
    const result = JSON.parse(output) as Record<string, number>
    expect(result).toMatchObject({ text: '<p>“ok”</p>', items: 1 })
    expect(result['processorUs']).toBeGreaterThan(0)
    expect(result['slowness']).toBeGreaterThan(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
