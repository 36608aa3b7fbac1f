import type { Child } from 'hono/jsx'
import { raw } from 'hono/html'
import { assetPath } from './assets.ts'

/** The HTML document of every page. @param refresh a path that the browser goes to immediately */
export function Document({
  title,
  refresh,
  children,
}: {
  title: string
  refresh?: string
  children: Child
}) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          {refresh !== undefined && <meta http-equiv="refresh" content={`0; url=${refresh}`} />}
          <title>{`${title} · Yespo receiver`}</title>
          <link rel="icon" href={assetPath('icon.svg')} />
          <link rel="stylesheet" href={assetPath('style.css')} />
          <script type="module" src={assetPath('script.js')}></script>
        </head>
        <body>{children}</body>
      </html>
    </>
  )
}
