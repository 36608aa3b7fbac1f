import { randomInt } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { listNeeded, listOwn, readConfig, type Config } from '../config.ts'
import { fail } from '../wrangler.ts'

const MAIN = 'wrangler.toml'
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?$/

// A "#" may precede a line that is not in use yet, such as the bucket's.
const NAME_LINE =
  /^(\s*(?:#\s*)?(?:name|database_name|queue|dead_letter_queue|bucket_name|ARCHIVE_BUCKET)\s*=\s*)(["'])(.+?)\2/gm
const BARE_NAME = /(?:^|[\s#])name\s*=\s*$/
const NAMESPACE_LINE = /^(\s*(?:#\s*)?namespace_id\s*=\s*).*$/gm
const DATABASE_ID_LINE = /^\s*database_id\s*=.*\n/gm

/** The files of a receiver: the one of wrangler.toml, or another one beside it. */
export type Instance = { config: string; secrets: string }

/** @param name undefined for the receiver of wrangler.toml */
export function filesOf(name: string | undefined): Instance {
  if (name === undefined) return { config: MAIN, secrets: '.deploy.vars' }
  if (!NAME.test(name)) {
    fail(
      `“${name}” is not a valid name: use at most 20 lowercase letters, digits and hyphens, such as staging.`,
    )
  }
  return { config: `wrangler.${name}.toml`, secrets: `.deploy.${name}.vars` }
}

/**
 * The configuration of a receiver; undefined after creating the file of a new one from wrangler.toml, so that it can
 * be reviewed before anything is created at Cloudflare.
 */
export function readInstance(name: string | undefined): Config | undefined {
  const { config: file } = filesOf(name)
  if (name === undefined) return rename(readConfig(file))
  if (!existsSync(file)) {
    writeFileSync(file, renameAll(readFileSync(MAIN, 'utf8'), readConfig(MAIN), name))
    console.log(`Created ${file} from wrangler.toml, with names of its own. Review it (time zone, JURISDICTION, routes), and
run this again. For wrangler's commands add: --config ${file}`)
    return undefined
  }
  const config = readConfig(file)
  checkComplete(config)
  checkApart(config)
  return config
}

/** Workers Builds deploys to the Worker that it is connected to, whatever its name in the file. */
function rename(config: Config): Config {
  return { ...config, name: process.env['WRANGLER_CI_OVERRIDE_NAME'] ?? config.name }
}

/** The text of a configuration with other names for everything that belongs to only one receiver. */
function renameAll(text: string, { name: worker }: Config, suffix: string): string {
  return text
    .replace(NAME_LINE, (line, start: string, quote: string, name: string) => {
      const isBinding = BARE_NAME.test(start) && name !== worker
      return isBinding ? line : `${start}${quote}${name}-${suffix}${quote}`
    })
    .replace(NAMESPACE_LINE, (_, start: string) => `${start}"${randomInt(100_000, 1_000_000_000)}"`)
    .replace(DATABASE_ID_LINE, '')
}

/** After an upgrade, wrangler.toml may have more than the other file. */
function checkComplete(config: Config): void {
  const present = new Set(listNeeded(config))
  const missing = listNeeded(readConfig(MAIN)).filter((each) => !present.has(each))
  if (missing.length === 0) return
  fail(`Nothing was deployed: ${config.file} lacks parts of ${MAIN}. Add them, with names of their own:
${toList(missing)}`)
}

function checkApart(config: Config): void {
  const own = new Set(listOwn(config))
  const files = readdirSync('.').filter((file) => /^wrangler(?:\..+)?\.toml$/.test(file))
  for (const file of files.filter((each) => each !== config.file)) {
    const other = readConfig(file)
    if (config.account_id !== undefined && other.account_id !== undefined) {
      if (config.account_id !== other.account_id) continue
    }
    const shared = listOwn(other).filter((each) => own.has(each))
    if (shared.length === 0) continue
    fail(`Nothing was deployed: ${config.file} and ${file} share resources, but each receiver needs its own. Use other names for:
${toList(shared)}`)
  }
}

function toList(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}
