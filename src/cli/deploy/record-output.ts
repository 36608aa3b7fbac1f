import { appendFileSync } from 'node:fs'

/**
 * Loaded into wrangler before its own code (`--import`): what it prints also goes to the file RECORD_OUTPUT. A pipe
 * would do, too, but through one wrangler asks nothing any more, and overwrites what it would have asked about.
 */
const file = process.env['RECORD_OUTPUT']

for (const stream of file === undefined ? [] : [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream)
  Object.assign(stream, {
    write: (...given: Parameters<typeof write>) => {
      appendFileSync(file ?? '', given[0])
      return write(...given)
    },
  })
}
