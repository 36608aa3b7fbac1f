import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The receiver's settings: the tokens only give access to data that was made up. */
export const SETTINGS = {
  WEBHOOK_LOGIN: 'demo',
  WEBHOOK_PASSWORD: 'password-of-the-demo',
  READ_TOKEN: 'demo-token-to-read',
  OPERATE_TOKEN: 'demo-token-to-operate',
  CLOUDFLARE_PLAN: 'paid',
  YESPO_TIME_ZONE: 'UTC',
  MAX_BODY_BYTES: '7000000',
  LABEL_HEADERS: '',
  KEEP_DAYS: '400',
  YESPO_API_KEY: 'key-of-the-demo',
  YESPO_API_TIME_ZONE: 'UTC',
  YESPO_API_DAYS: '3',
}
/** A temporary folder, which is deleted when this program ends, with a file of settings. */
export function createFolder(values: Readonly<Record<string, string>>): {
  folder: string
  settings: string
} {
  const folder = mkdtempSync(join(tmpdir(), 'yespo-demo-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const settings = join(folder, 'settings.env')
  const lines = Object.entries(values).map(([name, value]) => `${name}="${value}"\n`)
  writeFileSync(settings, lines.join(''))
  return { folder, settings }
}
