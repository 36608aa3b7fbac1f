import { appendFileSync } from 'node:fs'

/**
 * Loaded into wrangler before its own code (`--import`): copies its output to the file RECORD_OUTPUT. With a pipe
 * instead, wrangler would not ask, and would overwrite what it asks about.
 */
const file = process.env['RECORD_OUTPUT']

for (const stream of file === undefined ? [] : [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream)
  Object.assign(stream, {
    write: (...args: Parameters<typeof write>) => {
      appendFileSync(file ?? '', args[0])
      return write(...args)
    },
  })
}
