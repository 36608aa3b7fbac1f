import type { Child } from 'hono/jsx'
import { Document } from './document.tsx'
import { LanguageChoice } from './language-choice.tsx'
import { useViewer } from './viewer.tsx'

/** The views, and the letter that goes there after the key G. */
const VIEWS = {
  '/': 'o',
  '/campaigns': 'c',
  '/recent': 'e',
  '/contact': 'p',
  '/bounces': 'b',
  '/quarantine': 'q',
  '/status': 's',
} as const

/** The path of a view. */
export type View = keyof typeof VIEWS

const PATHS = Object.keys(VIEWS) as View[]

/** The views of pages with other paths. */
const WITHIN: Readonly<Record<string, View>> = {
  '/engagement': '/campaigns',
  '/erasures': '/contact',
  '/search': '/contact',
  '/providers': '/campaigns',
  '/coverage': '/status',
}

/** The view of the page at a path, if there is one. */
export function viewOf(path: string): View | undefined {
  const [first] = /^\/[^/]*/.exec(path) ?? []
  return PATHS.find((view) => view === first) ?? WITHIN[first ?? '']
}

type LayoutProps = { children: Child; aside?: Child } & (
  { view: View; title?: string } | { view: View | undefined; title: string }
)

/**
 * A page of a signed-in viewer.
 *
 * @param view the view that it belongs to
 * @param title by default the name of the view
 * @param aside what stands next to the title, such as the period
 */
export function Layout({ view, title, aside, children }: LayoutProps) {
  const { text, name, takeNotice } = useViewer()
  const heading = title ?? (view ? text(`view.${view}`) : '')
  const notice = takeNotice()
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
          {PATHS.map((path) => (
            <a
              href={path}
              data-letter={VIEWS[path]}
              aria-current={path === view ? 'page' : undefined}
            >
              {text(`view.${path}`)}
            </a>
          ))}
        </nav>
        <Search />
        <LanguageChoice />
        <details class="menu more">
          <summary aria-label={text('layout.menu')}>☰</summary>
          <div>
            <p class="quiet">{text('layout.signedInAs', { name })}</p>
            <a href="/docs">{text('layout.api')}</a>
            <button type="button" class="item" data-opens="keys" hidden>
              {text('keys.title')}
            </button>
            <form method="post" action="/sign-out">
              <button class="item">{text('layout.signOut')}</button>
            </form>
          </div>
        </details>
      </header>
      <main id="main" tabindex={-1}>
        <div class="heading">
          <h1>{heading}</h1>
          {aside}
        </div>
        {children}
      </main>
      <div class="toasts" role="status">
        {notice && (
          <p class="toast">
            {notice}{' '}
            <button
              type="button"
              class="plain"
              data-dismiss
              hidden
              aria-label={text('notice.close')}
            >
              ×
            </button>
          </p>
        )}
      </div>
      <Keys />
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

const KEYS = [
  ['/', 'keys.search'],
  ['j', 'keys.next'],
  ['k', 'keys.previous'],
  ['Enter', 'keys.open'],
  ['Esc', 'keys.close'],
  ['?', 'keys.help'],
] as const

/** The keys of the script, in a dialog that one of them opens. */
function Keys() {
  const { text } = useViewer()
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">{text('keys.title')}</h2>
      <dl class="pairs">
        {KEYS.map(([key, meaning]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text(meaning)}</dd>
          </>
        ))}
        {PATHS.map((path) => (
          <>
            <dt>
              <kbd>g</kbd> <kbd>{VIEWS[path]}</kbd>
            </dt>
            <dd>{text(`view.${path}`)}</dd>
          </>
        ))}
      </dl>
      <label>
        <input type="checkbox" data-keys checked /> {text('keys.on')}
      </label>
      <form method="dialog">
        <button class="plain">{text('keys.done')}</button>
      </form>
    </dialog>
  )
}
