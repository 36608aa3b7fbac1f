import { HTTPException } from 'hono/http-exception'
import { toHttpError } from '../http/error-handler.ts'
import { HttpError } from '../platform/http-error.ts'
import { Document } from '../web/document.tsx'
import { Layout, viewOf } from '../web/layout.tsx'
import { maySee } from '../web/session/session.ts'
import type { PageContext } from '../web/viewer.ts'

const TITLES: Readonly<Record<string, string>> = {
  not_found: 'Not found',
  method_not_allowed: 'Not supported',
  forbidden: 'Not allowed',
  database_not_migrated: 'The database is not migrated',
  daily_limit_reached: 'Daily limit reached',
}

/** Responds to an error with a page. If a form was invalid, the page has that form again, to correct it. */
export async function showError(error: Error, context: PageContext): Promise<Response> {
  const httpError = toHttpError(asHttpError(error), context)
  const { status, code, message, headers } = httpError
  const isSignedIn = await maySee(context)
  const form = isSignedIn && status === 400 ? await loadForm(context, httpError) : undefined
  const title = form ? 'Check what you entered' : (TITLES[code] ?? 'Something went wrong')
  const content = (
    <>
      <p class="note bad" role="alert">
        {message}
      </p>
      {form}
      <p>
        <a href="/">Back to overview</a>
      </p>
    </>
  )
  const page = isSignedIn ? (
    <Layout view={viewOf(context.req.path)} title={title}>
      {content}
    </Layout>
  ) : (
    <Document title={title}>
      <main class="alone">
        <h1>{title}</h1>
        {content}
      </main>
    </Document>
  )
  return context.html(page, status, headers)
}

/** Loaded only for an invalid form, as it needs the pages of all forms. */
async function loadForm(context: PageContext, error: HttpError) {
  const { keepForm } = await import('./kept-form.tsx')
  return keepForm(context, error)
}

// Forms from another site, or too long ones.
function asHttpError(error: Error): Error {
  if (!(error instanceof HTTPException)) return error
  return error.status === 413
    ? new HttpError(413, 'too_large', 'This form is too long.')
    : new HttpError(403, 'forbidden', 'This form was not sent from a page of this receiver.')
}
