import type { Context } from 'hono'
import { Document } from '../document.tsx'
import { link } from '../link.ts'
import { sessionCookieAt } from './session-cookie.ts'

/** The sign-in form, with status 401. @param to the path to go to afterwards */
export function showSignIn(
  context: Context,
  { to, isInvalid = false }: { to: string; isInvalid?: boolean },
): Response | Promise<Response> {
  // A link from another site does not send a SameSite=Strict cookie, but a request from this page does.
  const isCrossSite = context.req.header('Sec-Fetch-Site') === 'cross-site'
  const refresh = link('/signed-in', { to })
  return context.html(
    <Document
      title="Sign in"
      {...(isCrossSite && !isInvalid && context.req.method !== 'POST' && { refresh })}
    >
      <main class="alone">
        <h1>Yespo receiver</h1>
        <form method="post" action="/sign-in" class="card">
          <input type="hidden" name="to" value={to} />
          <label for="token">Read token</label>
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
            {isInvalid
              ? 'Wrong token. Use READ_TOKEN (or OPERATE_TOKEN) from .deploy.vars (.dev.vars of a local receiver), or ask the person who set this up.'
              : 'READ_TOKEN of this receiver, or OPERATE_TOKEN to make changes.'}
          </p>
          <button>Sign in</button>
        </form>
      </main>
    </Document>,
    401,
  )
}

/** The page for a browser that did not keep the cookie. */
export function showCookieRejected(context: Context): Response | Promise<Response> {
  const { protocol } = new URL(context.req.url)
  const isInsecure = protocol === 'http:' && sessionCookieAt(context.req.url).secure
  return context.html(
    <Document title="Sign in">
      <main class="alone">
        <h1>Not signed in</h1>
        <p class="card">
          The token is correct, but this browser did not keep the session cookie.{' '}
          {isInsecure
            ? 'Over http://, browsers keep it at localhost only: use https://.'
            : 'Allow cookies for this site.'}
        </p>
        <p>
          <a href="/">Try again</a>
        </p>
      </main>
    </Document>,
    401,
  )
}

/** The page that leads to the sign-out of Cloudflare Access. A form may not: its redirect to Access is another site's. */
export function showLeaving(context: Context): Response | Promise<Response> {
  return context.html(
    <Document title="Signing out" refresh="/cdn-cgi/access/logout">
      <main class="alone">
        <h1>Signing out</h1>
        <p>
          <a href="/cdn-cgi/access/logout">Sign out of Cloudflare Access</a>
        </p>
      </main>
    </Document>,
  )
}
