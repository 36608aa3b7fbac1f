import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildWorker } from './build.ts'
import { median } from './median.ts'
import { show, type Figure } from './report.ts'

const STARTS = 9

/** A loader hook for static files, which the bundle imports as text; Node does not support that. */
const TEXTS = `(await import('node:module')).registerHooks({
  load: (url, context, next) =>
    /-[a-z]+\\.(css|js)$/.test(url)
      ? { format: 'module', source: 'export default ""', shortCircuit: true }
      : next(url, context),
})`

/** Measures the size of the deployed bundle, and its start-up time. */
export function measureBundle(): Figure[] {
  const directory = buildWorker()
  try {
    const file = join(directory, 'index.js')
    const files = readdirSync(directory).filter((name) => !/\.map$|^README/.test(name))
    const bytes = files.map((name) => gzipSync(readFileSync(join(directory, name))).length)
    const kilobytes = bytes.reduce((sum, each) => sum + each, 0) / 1_000
    const load = `${TEXTS}; const start = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - start)`
    const times = Array.from({ length: STARTS }, () =>
      Number(
        execFileSync(process.execPath, ['--input-type=module', '-e', load], { stdio: 'pipe' }),
      ),
    )
    return [
      {
        name: 'KB of the bundle, gzip',
        found: show(kilobytes),
        target: '≤ 230, with the API’s documentation, the pages and Parquet',
        met: kilobytes <= 230,
      },
      {
        name: "ms to start: load and run the bundle's top level, in Node",
        found: show(median(times)),
      },
    ]
  } finally {
    rmSync(directory, { recursive: true })
  }
}
