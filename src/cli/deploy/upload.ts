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
 * What came of an upload: all is in force; the code is, but not all of what calls it (`partial`); or nothing is, as it
 * failed or as the person at the terminal said no.
 */
export type Upload = {
  state: 'deployed' | 'partial' | 'failed' | 'cancelled'
  /** Where it can be reached and what calls it, as wrangler lists it. */
  targets: string[]
  /** What wrangler said that was wrong. */
  errors: string
}

/** Uploads the Worker, with wrangler at the terminal, as it may have to ask. */
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
    const { targets } = deployed // none where wrangler asked and was told no
    return { state: targets ? 'deployed' : 'cancelled', targets: targets ?? [], errors: '' }
  }
  const errors = entries.flatMap(({ message, code: number }) =>
    message === undefined ? [] : `${message}${number === undefined ? '' : ` [code: ${number}]`}`,
  )
  return { ...judge(stripVTControlCharacters(read(recordFile))), errors: errors.join('\n') }
}

/** After a failure wrangler's list of targets is only on the screen, if there is one. */
function judge(printed: string): Pick<Upload, 'state' | 'targets'> {
  const isLive = /^Uploaded \S+ \(/m.test(printed)
  const [, list = ''] = /^Deployed \S+ triggers.*\n((?: {2}\S.*\n)*)/m.exec(printed) ?? []
  const targets = list.split('\n').map((line) => line.trim())
  return { state: isLive ? 'partial' : 'failed', targets: targets.filter(Boolean) }
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** Lends wrangler the secrets in a file, in JSON: in its own form it takes a "$" for a variable. */
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
