import type { Child } from 'hono/jsx'
import { raw } from 'hono/html'
import { assetPath } from './assets.ts'
import { useViewer, type Viewer } from './viewer.tsx'

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
  const { language, text } = useViewer()
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          {refresh !== undefined && <meta http-equiv="refresh" content={`0; url=${refresh}`} />}
          <title>{text('layout.title', { title })}</title>
          <link rel="icon" href={assetPath('icon.svg')} />
          <link rel="stylesheet" href={assetPath('style.css')} />
          <script type="application/json" id="texts">
            {raw(toScriptJson(scriptTexts(text)))}
          </script>
          <script type="module" src={assetPath('script.js')}></script>
        </head>
        <body>{children}</body>
      </html>
    </>
  )
}

/** JSON that ends no `<script>` element, whatever its texts are. */
export function toScriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

/** The texts of the scripts. */
function scriptTexts(text: Viewer['text']) {
  return {
    stale: text('live.stale'),
    back: text('live.back'),
    continuing: text('live.continuing'),
    newEvents: text('live.newEvents'),
    newer: text('live.newer'),
    copied: text('action.copied'),
  }
}
