import { hash } from 'node:crypto'
import type { Context } from 'hono'
import { answerNotFound } from '../../answer.ts'
import script from '../client/script.js'
import style from '../client/style.css'

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5fbd"/><path d="M8 17v7M14 11v13M20 14v10M26 7v17" transform="translate(-1 0)" stroke="#fff" stroke-width="3.5" stroke-linecap="round"/></svg>`

const ASSETS = {
  'script.js': { type: 'text/javascript', text: script },
  'style.css': { type: 'text/css', text: style },
  'icon.svg': { type: 'image/svg+xml', text: ICON },
} as const

type AssetName = keyof typeof ASSETS

const PATHS = Object.fromEntries(
  Object.entries(ASSETS).map(([name, { text }]) => [
    name,
    `/assets/${hash('sha256', text, 'hex').slice(0, 12)}/${name}`,
  ]),
) as Record<AssetName, string>

/** The address of a file that pages load. What it holds is in it, so it may be kept for ever. */
export function assetPath(name: AssetName): string {
  return PATHS[name]
}

/** `GET /assets/{hash}/{name}` */
export function showAsset(context: Context): Response {
  const [name] = Object.entries(PATHS).find(([, path]) => path === context.req.path) ?? []
  if (name === undefined) return answerNotFound(context)
  const { type, text } = ASSETS[name as AssetName]
  return context.body(text, 200, {
    'Content-Type': `${type}; charset=utf-8`,
    'Cache-Control': 'public, max-age=31536000, immutable',
  })
}
