import { readFileSync, rmSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

/**
 * Runs commands of wrangler one after the other in this process, as loading it takes seconds of processor time. Each
 * comes as a line of JSON at the socket whose path is the argument, and is answered by what it prints, and its exit code.
 */

type Command = { args: string[]; folder: string; env: Record<string, string> }
type Answer = { stream: 'stdout' | 'stderr'; text: string } | { code: number }

// Wrangler keeps the path of the file that it reports to.
const EXPORT = 'exports.main = (args) => { outputFilePath = undefined; return main(args) }'

/** Ends a command that calls `process.exit`. */
class Exit extends Error {}

const [socketPath = ''] = process.argv.slice(2)
const main = loadMain()
let last = Promise.resolve()
/** Whom the command that runs answers. */
let client: ((answer: Answer) => void) | undefined

for (const name of ['stdout', 'stderr'] as const) {
  const stream = process[name]
  const write = stream.write.bind(stream)
  stream.write = (chunk: string | Uint8Array, ...others: unknown[]) => {
    if (!client) return write(chunk)
    client({ stream: name, text: Buffer.from(chunk).toString() })
    const done = others.at(-1)
    if (typeof done === 'function') done()
    return true
  }
}

const exit = process.exit.bind(process)
process.exit = (code) => {
  if (!client) exit(code)
  process.exitCode = code ?? process.exitCode
  throw new Exit()
}

createServer((socket) => {
  const lines = createInterface({ input: socket })
  for (const each of [socket, lines]) each.on('error', () => {}) // the client has ended
  lines.on('line', (line) => {
    last = last.then(async () => {
      client = (answer) => void socket.write(`${JSON.stringify(answer)}\n`)
      client(await run(JSON.parse(line) as Command).catch(() => ({ code: 1 })))
      client = undefined
      socket.end()
    })
  })
}).listen(socketPath, () => console.log('ready'))

process.stdin.on('end', () => exit(0)).resume()
process.on('exit', () => rmSync(dirname(socketPath), { recursive: true, force: true }))

/** The function with which wrangler's own program begins. */
function loadMain(): (args: string[]) => Promise<void> {
  const file = createRequire(import.meta.url).resolve('wrangler')
  const module = new Module(file) as Module & { _compile: (text: string, file: string) => void }
  Object.assign(module, { filename: file, paths: createRequire(file).resolve.paths(dirname(file)) })
  module._compile(`${readFileSync(file, 'utf8')}\n${EXPORT}`, file)
  return (module.exports as { main: ReturnType<typeof loadMain> }).main
}

async function run({ args, folder, env }: Command): Promise<Answer> {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.chdir(folder)
  process.argv = [process.execPath, 'wrangler', ...args]
  process.exitCode = 0
  await main(args).catch((error: unknown) => {
    if (!(error instanceof Exit)) process.exitCode ||= 1 // it has printed the error
  })
  return { code: Number(process.exitCode) }
}
