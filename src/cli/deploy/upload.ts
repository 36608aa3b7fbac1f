import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import * as z from 'zod'
import type { Config } from '../config.ts'
import type { Credentials } from '../credentials.ts'
import { runWranglerVisibly } from '../wrangler.ts'

const SCRATCH = '.wrangler/deploy'
const RECORDER = new URL('record-output.ts', import.meta.url).href

const outputEntry = z.object({
  type: z.string(),
  targets: z.array(z.string()).optional(),
  code: z.union([z.string(), z.number()]).optional(),
  message: z.string().optional(),
})

/**
 * The result of an upload: everything is live; the code is, but not all of its triggers (`partial`); or nothing is, as
 * it failed or the user said no.
 */
export type Upload = {
  state: 'deployed' | 'partial' | 'failed' | 'cancelled'
  /** Its URLs and triggers, as wrangler lists them. */
  targets: string[]
  /** The errors of wrangler. */
  errors: string
}

/** Uploads the Worker, with wrangler attached to the terminal, as it may have to ask. */
export async function upload(config: Config, secrets: Credentials | undefined): Promise<Upload> {
  mkdirSync(SCRATCH, { recursive: true })
  const [outputFile, recordFile] = [`${SCRATCH}/output.ndjson`, `${SCRATCH}/printed.txt`]
  for (const file of [outputFile, recordFile]) rmSync(file, { force: true })
  const code = await withSecretsFile(secrets, (args) =>
    runWranglerVisibly(['deploy', '--config', config.file, ...args], {
      WRANGLER_OUTPUT_FILE_PATH: outputFile,
      NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${RECORDER}`,
      RECORD_OUTPUT: recordFile,
      WRANGLER_DISABLE_SUBDOMAIN_MIXED_STATE_CHECK: 'true', // it advises preview URLs, with old secrets
    }),
  )
  const lines = read(outputFile).split('\n').filter(Boolean)
  const entries = lines.map((line) => outputEntry.parse(JSON.parse(line)))
  const deployed = entries.find(({ type }) => type === 'deploy')
  if (code === 0 && deployed) {
    const { targets } = deployed // none if the user answered no to wrangler
    return { state: targets ? 'deployed' : 'cancelled', targets: targets ?? [], errors: '' }
  }
  const errors = entries.flatMap(({ message, code: number }) =>
    message === undefined ? [] : `${message}${number === undefined ? '' : ` [code: ${number}]`}`,
  )
  return { ...judge(stripVTControlCharacters(read(recordFile))), errors: errors.join('\n') }
}

/** After a failure, wrangler's list of targets is only in its output. */
function judge(printed: string): Pick<Upload, 'state' | 'targets'> {
  const isLive = /^Uploaded \S+ \(/m.test(printed)
  const [, list = ''] = /^Deployed \S+ triggers.*\n((?: {2}\S.*\n)*)/m.exec(printed) ?? []
  const targets = list.split('\n').map((line) => line.trim())
  return { state: isLive ? 'partial' : 'failed', targets: targets.filter(Boolean) }
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** Passes the secrets to wrangler in a temporary JSON file: in its own format a "$" begins a variable. */
async function withSecretsFile<T>(
  secrets: Credentials | undefined,
  work: (args: string[]) => Promise<T>,
): Promise<T> {
  if (!secrets) return work([])
  const file = `${SCRATCH}/secrets.json`
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
  try {
    return await work(['--secrets-file', file])
  } finally {
    rmSync(file, { force: true })
  }
}
