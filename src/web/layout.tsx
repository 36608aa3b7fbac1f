import type { Child } from 'hono/jsx'
import { Document } from './document.tsx'

const VIEWS = {
  '/': 'Overview',
  '/campaigns': 'Campaigns',
  '/recent': 'Recent',
  '/contact': 'Contacts',
  '/bounces': 'Bounces',
  '/quarantine': 'Quarantine',
  '/status': 'Status',
} as const

/** The path of a view. */
export type View = keyof typeof VIEWS

/** The views of pages with other paths. */
const WITHIN: Readonly<Record<string, View>> = {
  '/engagement': '/campaigns',
  '/erasures': '/contact',
  '/providers': '/bounces',
  '/coverage': '/status',
}

/** The view of the page at a path, if there is one. */
export function viewOf(path: string): View | undefined {
  const [first] = /^\/[^/]*/.exec(path) ?? []
  const views = Object.keys(VIEWS) as View[]
  return views.find((view) => view === first) ?? WITHIN[first ?? '']
}

type LayoutProps = { children: Child } & (
  { view: View; title?: string } | { view: View | undefined; title: string }
)

/** A page of a signed-in viewer. @param view the view that it belongs to */
export function Layout({ view, title = view && VIEWS[view], children }: LayoutProps) {
  return (
    <Document title={title ?? ''}>
      <a class="skip" href="#main">
        Skip to content
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
