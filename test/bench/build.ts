import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** This checkout. */
export const ROOT = join(import.meta.dirname, '../..')

/**
 * Bundles a Worker as `npm run deploy` does.
 *
 * @param main the file that exports it; by default the one in wrangler.toml
 * @param root its checkout
 * @returns a folder with `index.js` and its imports, which the caller deletes
 */
export function buildWorker(main?: string, root = ROOT): string {
  if (!existsSync(join(root, 'node_modules'))) {
    throw new Error(`${root} has no node_modules: run “npm ci” there first`)
  }
  const out = mkdtempSync(join(tmpdir(), 'bench-'))
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
  const config = ['--config', join(root, 'wrangler.toml')]
  const build = ['deploy', ...(main ? [main] : []), '--dry-run', '--outdir', out, ...config]
  execFileSync(process.execPath, [wrangler, ...build], { cwd: root, stdio: 'pipe' })
  return out
}

/** Bundles a Worker with a layer that reports its use: see `meterWorker`. @returns a folder with `metered.js` */
export function buildMetered(main: string, root = ROOT): string {
  const source = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const entry = join(source, 'metered.ts')
    const meter = join(import.meta.dirname, 'meter-worker.ts')
    writeFileSync(
      entry,
      `import worker from ${JSON.stringify(main)}
       import { meterWorker } from ${JSON.stringify(meter)}
       export default meterWorker(worker)`,
    )
    return buildWorker(entry, root)
  } finally {
    rmSync(source, { recursive: true })
  }
}
