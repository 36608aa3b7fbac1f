import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'
import { NO_SECRETS } from './no-secrets.ts'

const ROOT = join(import.meta.dirname, '..')
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')

/** The most that is evaluated for the first POST of an isolate: minified bytes. */
const MAX_BYTES = 120_000

/** Libraries and parts that neither a webhook nor the queue's consumer needs. */
const HEAVY =
  /node_modules\/(?:zod|hyparquet|hyparquet-writer|d3-\w+)\/|hono\/dist\/jsx|\/openapi\/|\/page\/|\.tsx$/

const metafileSchema = z.object({
  inputs: z.record(
    z.string(),
    z.object({
      imports: z.array(
        z.object({ path: z.string(), kind: z.string(), external: z.boolean().optional() }),
      ),
    }),
  ),
  outputs: z.record(
    z.string(),
    z.object({ inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })) }),
  ),
})

const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
let deployed: z.infer<typeof metafileSchema>

/** Bundles the Worker as a deploy does, with a description of the bundle. */
function bundle(...options: string[]): void {
  const build = ['deploy', '--dry-run', '--outdir', folder, '--metafile', join(folder, 'meta.json')]
  execFileSync(process.execPath, [WRANGLER, ...build, ...options], { cwd: ROOT, stdio: 'pipe' })
}

/** A file and what it imports, but not what it imports dynamically: that is evaluated later. */
function listEvaluated(file: string, files = new Set<string>()): Set<string> {
  if (files.has(file)) return files
  files.add(file)
  for (const { path, kind, external } of deployed.inputs[file]?.imports ?? []) {
    if (kind !== 'dynamic-import' && !external) listEvaluated(path, files)
  }
  return files
}

beforeAll(() => {
  bundle()
  deployed = metafileSchema.parse(JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')))
})

afterAll(() => rmSync(folder, { recursive: true }))

it('evaluates little before the first webhook', () => {
  const bytes = Object.values(deployed.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  const evaluated = listEvaluated('src/index.ts')
  const evaluatedBytes = bytes
    .filter(([file]) => evaluated.has(file))
    .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)
  expect(evaluated).toContain('src/ingest/webhook.ts')
  expect(evaluatedBytes).toBeLessThan(MAX_BYTES)
})

it.each(['src/index.ts', 'src/consume-batch.ts'])(
  '%s imports nothing heavy, or only when it is needed',
  (file) => {
    expect(deployed.inputs).toHaveProperty([file])
    expect([...listEvaluated(file)].filter((each) => HEAVY.test(each))).toEqual([])
  },
)

it('evaluates nothing more for a webhook', async () => {
  bundle('--minify=false')
  const runtime = runBundle()
  try {
    const accepted = await runtime.dispatchFetch('http://localhost/webhooks/yespo', {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa('yespo:password-for-tests')}` },
      body: '[{"activityStatus":"READ","activityDateTime":"2026-01-05T07:00:00","contactId":5},7]',
    })
    expect([accepted.status, await accepted.json()]).toEqual([
      200,
      expect.objectContaining({ received: 2, accepted: 1 }),
    ])
    const early = listEvaluated('src/index.ts')
    expect((await readEvaluated(runtime)).filter((file) => !early.has(file))).toEqual([])
    // What counts them does notice the rest.
    await (await runtime.dispatchFetch('http://localhost/health')).text()
    expect(await readEvaluated(runtime)).toContain('src/other-routes.ts')
  } finally {
    await runtime.dispose()
  }
})

/** Runs the bundle so that `GET /evaluated` responds with the modules that were evaluated lazily. */
function runBundle(): Miniflare {
  const evaluate = 'fn[__getOwnPropNames(fn)[0]]' // of esbuild, with the name of the module
  const index = readFileSync(join(folder, 'index.js'), 'utf8')
  expect(index).toContain(evaluate)
  const recording = `${index.replace(evaluate, 'fn[recordEvaluated(__getOwnPropNames(fn)[0])]')}
    function recordEvaluated(name) {
      (globalThis.evaluated ??= []).push(name)
      return name
    }`
  const main = `import worker from './index.js'
    export default {
      fetch: (request, env, context) =>
        request.url.endsWith('/evaluated')
          ? Response.json(globalThis.evaluated)
          : worker.fetch(request, env, context),
    }`
  const texts = readdirSync(folder).filter((name) => /-.*\.\w+$/.test(name))
  return new Miniflare(
    convertV4MiniflareOptions({
      compatibilityDate: '2026-11-01',
      modulesRoot: folder,
      modules: [
        { type: 'ESModule', path: join(folder, 'main.js'), contents: main },
        { type: 'ESModule', path: join(folder, 'index.js'), contents: recording },
        ...texts.map((name) => ({ type: 'Text' as const, path: join(folder, name) })),
      ],
      bindings: {
        ...NO_SECRETS,
        WEBHOOK_LOGIN: 'yespo',
        WEBHOOK_PASSWORD: 'password-for-tests',
        YESPO_TIME_ZONE: 'Europe/Kyiv',
      },
      d1Databases: { DB: 'receiver' },
      queueProducers: { ACTIVITY_QUEUE: 'activity' },
    }),
  )
}

async function readEvaluated(runtime: Miniflare): Promise<string[]> {
  const response = await runtime.dispatchFetch('http://localhost/evaluated')
  return z.array(z.string()).parse(await response.json())
}
