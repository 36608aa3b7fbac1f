import { Document } from '../document.tsx'
import { LanguageChoice } from '../language-choice.tsx'
import { link } from '../link.ts'
import { showPage, useViewer, viewerOf, type PageContext } from '../viewer.tsx'
import { sessionCookieAt } from './session-cookie.ts'

/** The sign-in form, with status 401. @param to the path to go to afterwards */
export function showSignIn(
  context: PageContext,
  { to, isInvalid = false }: { to: string; isInvalid?: boolean },
): Response | Promise<Response> {
  // A link from another site does not send a SameSite=Strict cookie, but a request from this page does.
  const isCrossSite = context.req.header('Sec-Fetch-Site') === 'cross-site'
  const refresh = link('/signed-in', { to })
  return showPage(
    context,
    <Document
      title={viewerOf(context).text('signIn.title')}
      {...(isCrossSite && !isInvalid && context.req.method !== 'POST' && { refresh })}
    >
      <SignIn to={to} isInvalid={isInvalid} />
    </Document>,
    401,
  )
}

function SignIn({ to, isInvalid }: { to: string; isInvalid: boolean }) {
  const { text } = useViewer()
  return (
    <main class="alone">
      <h1>{text('product')}</h1>
      <form method="post" action="/sign-in" class="card">
        <input type="hidden" name="to" value={to} />
        <label for="token">{text('signIn.token')}</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          autofocus
          aria-describedby="token-help"
          {...(isInvalid && { 'aria-invalid': 'true' })}
        />
        <p
          id="token-help"
          class={isInvalid ? 'bad' : 'quiet'}
          role={isInvalid ? 'alert' : undefined}
        >
          {text(isInvalid ? 'signIn.wrongToken' : 'signIn.help')}
        </p>
        <button>{text('signIn.button')}</button>
      </form>
      <LanguageChoice />
    </main>
  )
}

/** The page for a browser that did not keep the cookie. */
export function showCookieRejected(context: PageContext): Response | Promise<Response> {
  const { protocol } = new URL(context.req.url)
  const isInsecure = protocol === 'http:' && sessionCookieAt(context.req.url).secure
  const { text } = viewerOf(context)
  return showPage(
    context,
    <Document title={text('signIn.title')}>
      <main class="alone">
        <h1>{text('signIn.notSignedIn')}</h1>
        <p class="card">{text(isInsecure ? 'signIn.insecure' : 'signIn.noCookie')}</p>
        <p>
          <a href="/">{text('signIn.again')}</a>
        </p>
      </main>
    </Document>,
    401,
  )
}

/** The page that leads to the sign-out of Cloudflare Access. A form may not: its redirect to Access is another site's. */
export function showLeaving(context: PageContext): Response | Promise<Response> {
  const { text } = viewerOf(context)
  return showPage(
    context,
    <Document title={text('signOut.title')} refresh="/cdn-cgi/access/logout">
      <main class="alone">
        <h1>{text('signOut.title')}</h1>
        <p>
          <a href="/cdn-cgi/access/logout">{text('signOut.ofAccess')}</a>
        </p>
      </main>
    </Document>,
  )
}
