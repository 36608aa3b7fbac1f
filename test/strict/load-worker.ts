import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync, gunzipSync } from 'node:zlib'
import { threadCpu } from './thread-cpu.ts'

const WORKERS = new URL('cloudflare-workers.ts', import.meta.url).href

/** How wrangler names files that are modules of text: by their hash. */
const TEXT = /\/[0-9a-f]{40}-[^/]*$/

export type LoadOptions = {
  /** URLs of modules that take the place of others, such as `node:timers/promises`; those of the first load stay. */
  modules?: Readonly<Record<string, string>>
  /** Which files of the bundle are modules of text. */
  isText?: (url: string) => boolean
  /** Each number is an isolate of its own, which shares nothing with the others. */
  isolate?: number
}

/**
 * Loads a bundle as wrangler writes it into this process. Only the first load of a process is that of a new isolate.
 *
 * @returns the Worker, and the microseconds of processor time that its top level took
 */
export async function loadWorker<Env>(
  file: string,
  { modules = {}, isText = (url) => TEXT.test(url), isolate = 0 }: LoadOptions = {},
): Promise<{ worker: ExportedHandler<Env>; loadUs: number }> {
  hookOnce(modules, isText)
  await warmPlatform()
  const before = threadCpu()
  const url = `${pathToFileURL(file).href}${isolate === 0 ? '' : `?isolate=${isolate}`}`
  const module = (await import(url)) as { default: ExportedHandler<Env> }
  return { worker: module.default, loadUs: threadCpu() - before }
}

let isHooked = false

/** Hooks of a process stay, as a Worker may import something later. */
function hookOnce(modules: Readonly<Record<string, string>>, isText: (url: string) => boolean) {
  if (isHooked) return
  isHooked = true
  registerHooks({
    resolve: (specifier, context, next) => {
      const url = specifier === 'cloudflare:workers' ? WORKERS : modules[specifier]
      const isReplaced = url !== undefined && context.parentURL !== url
      return isReplaced ? { url, shortCircuit: true } : next(specifier, context)
    },
    load: (url, context, next) => {
      if (!url.startsWith('file:') || !isText(url)) return next(url, context)
      const text = JSON.stringify(readFileSync(fileURLToPath(url), 'utf8'))
      return { format: 'module', source: `export default ${text}`, shortCircuit: true }
    },
  })
}

/** Has Node load what is a part of the runtime on Cloudflare, and costs a Worker nothing there. */
async function warmPlatform(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const request = new Request('https://x.example/?a=1', { method: 'POST', body: '{"a":1}' })
    request.headers.get('a')
    new URL(request.url).searchParams.get('a')
    await request.text()
    const bytes = await new Response(new Uint8Array([1])).bytes()
    await new Response('a', { headers: { a: 'b' } }).arrayBuffer()
    const stream = new ReadableStream({ pull: (controller) => controller.close() })
    await new Response(stream.pipeThrough(new TextEncoderStream())).text()
    await crypto.subtle.digest('SHA-256', bytes)
    gunzipSync(gzipSync(bytes))
    new Intl.DateTimeFormat('en', { timeZone: 'UTC' }).format(0)
  }
}
