import type { Child } from 'hono/jsx'
import { Document } from './document.tsx'
import { LanguageChoice } from './language-choice.tsx'
import { useViewer } from './viewer.tsx'

const VIEWS = [
  '/',
  '/campaigns',
  '/recent',
  '/contact',
  '/bounces',
  '/quarantine',
  '/status',
] as const

/** The path of a view. */
export type View = (typeof VIEWS)[number]

/** The views of pages with other paths. */
const WITHIN: Readonly<Record<string, View>> = {
  '/engagement': '/campaigns',
  '/erasures': '/contact',
  '/search': '/contact',
  '/providers': '/bounces',
  '/coverage': '/status',
}

/** The view of the page at a path, if there is one. */
export function viewOf(path: string): View | undefined {
  const [first] = /^\/[^/]*/.exec(path) ?? []
  return VIEWS.find((view) => view === first) ?? WITHIN[first ?? '']
}

type LayoutProps = { children: Child } & (
  { view: View; title?: string } | { view: View | undefined; title: string }
)

/**
 * A page of a signed-in viewer.
 *
 * @param view the view that it belongs to
 * @param title the name of the view, if it is left out
 */
export function Layout({ view, title, children }: LayoutProps) {
  const { text } = useViewer()
  const heading = title ?? (view ? text(`view.${view}`) : '')
  return (
    <Document title={heading}>
      <a class="skip" href="#main">
        {text('layout.skip')}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <span>{text('product')}</span>
        </a>
        <nav aria-label={text('layout.views')}>
          {VIEWS.map((path) => (
            <a href={path} aria-current={path === view ? 'page' : undefined}>
              {text(`view.${path}`)}
            </a>
          ))}
        </nav>
        <Search />
        <details class="menu more">
          <summary aria-label={text('layout.menu')}>☰</summary>
          <div>
            <a href="/docs">{text('layout.api')}</a>
            <LanguageChoice />
            <form method="post" action="/sign-out">
              <button class="plain">{text('layout.signOut')}</button>
            </form>
          </div>
        </details>
      </header>
      <main id="main" tabindex={-1}>
        <h1>{heading}</h1>
        {children}
      </main>
    </Document>
  )
}

/** Its query may be an address, which no URL holds. */
function Search() {
  const { text } = useViewer()
  return (
    <form method="post" action="/search" role="search" class="search">
      <label class="unseen" for="search">
        {text('search.label')}
      </label>
      <input
        id="search"
        type="search"
        name="query"
        placeholder={text('search.placeholder')}
        autocomplete="off"
        spellcheck={false}
        maxlength={200}
        required
        aria-keyshortcuts="/"
      />
    </form>
  )
}
