import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Has Node.js compile wrangler and the commands once, not for each of the hundreds of processes that tests start. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'yespo-receiver-compiled-'))
  process.env['NODE_COMPILE_CACHE'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
