import { hash } from 'node:crypto'
import type { Context } from 'hono'
import announce from './client/announce.js'
import keys from './client/keys.js'
import live from './client/live.js'
import rows from './client/rows.js'
import script from './client/script.js'
import tables from './client/tables.js'
import texts from './client/text.js'
import style from './client/style.css'

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5fbd"/><path d="M8 17v7M14 11v13M20 14v10M26 7v17" transform="translate(-1 0)" stroke="#fff" stroke-width="3.5" stroke-linecap="round"/></svg>`

const JAVASCRIPT = 'text/javascript'

const ASSETS = {
  'script.js': { type: JAVASCRIPT, text: script },
  'keys.js': { type: JAVASCRIPT, text: keys },
  'live.js': { type: JAVASCRIPT, text: live },
  'rows.js': { type: JAVASCRIPT, text: rows },
  'tables.js': { type: JAVASCRIPT, text: tables },
  'text.js': { type: JAVASCRIPT, text: texts },
  'announce.js': { type: JAVASCRIPT, text: announce },
  'style.css': { type: 'text/css', text: style },
  'icon.svg': { type: 'image/svg+xml', text: ICON },
} as const

type AssetName = keyof typeof ASSETS

// One hash for all files, as they import each other by name.
const HASH = hash('sha256', JSON.stringify(ASSETS), 'hex').slice(0, 12)

/** The URL of a file that pages load. It contains a hash of the contents, so it may be cached forever. */
export function assetPath(name: AssetName): string {
  return `/assets/${HASH}/${name}`
}

/** `GET /assets/{hash}/{name}`; undefined if there is no such file. */
export function showAsset(context: Context): Response | undefined {
  const name = context.req.param('name') ?? ''
  if (!isAsset(name) || assetPath(name) !== context.req.path) return undefined
  const { type, text } = ASSETS[name]
  return context.body(text, 200, {
    'Content-Type': `${type}; charset=utf-8`,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
  })
}

function isAsset(name: string): name is AssetName {
  return Object.hasOwn(ASSETS, name)
}
