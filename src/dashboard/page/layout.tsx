import type { Child } from 'hono/jsx'
import { Document } from './document.tsx'

const VIEWS = {
  '/': 'Overview',
  '/campaigns': 'Campaigns',
  '/recent': 'Recent',
  '/contact': 'Contact',
  '/bounces': 'Bounces',
  '/set-aside': 'Set aside',
  '/status': 'Status',
} as const

/** The path of a view. */
export type View = keyof typeof VIEWS

/** A page for whoever has signed in. @param view the one that it belongs to */
export function Layout({
  view,
  title = VIEWS[view],
  children,
}: {
  view: View
  title?: string
  children: Child
}) {
  return (
    <Document title={title}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <nav aria-label="Views">
          {Object.entries(VIEWS).map(([path, name]) => (
            <a href={path} aria-current={path === view ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <form method="post" action="/sign-out">
          <a href="/docs">API</a>
          <button class="plain">Sign out</button>
        </form>
      </header>
      <main id="main" tabindex={-1}>
        <h1>{title}</h1>
        {children}
      </main>
    </Document>
  )
}
