import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'

const ROOT = join(import.meta.dirname, '..')
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')

/** The most that a webhook takes: minified bytes. */
const MAX_BYTES = 120_000

/** Libraries and parts that neither a webhook nor the queue's consumer needs. */
const HEAVY =
  /node_modules\/(?:zod|jose|hyparquet|hyparquet-writer|d3-\w+)\/|hono\/dist\/jsx|\/openapi\/|\/page\/|\.tsx$/

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
function bundle(): void {
  const build = ['deploy', '--dry-run', '--outdir', folder, '--metafile', join(folder, 'meta.json')]
  execFileSync(process.execPath, [WRANGLER, ...build], { cwd: ROOT, stdio: 'pipe' })
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

it('evaluates little before the code of a webhook', () => {
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

it('evaluates everything at the start, and nothing during an invocation', () => {
  const [files = {}] = Object.values(deployed.outputs)
    .map(({ inputs }) => inputs)
    .filter((inputs) => 'src/index.ts' in inputs)
  const early = listEvaluated('src/preload.ts', listEvaluated('src/index.ts'))
  const late = Object.keys(files).filter((file) => !early.has(file))
  expect(late, 'Add what is imported dynamically to src/preload.ts.').toEqual([])
})
