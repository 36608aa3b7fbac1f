import { HTTPException } from 'hono/http-exception'
import { toHttpError } from '../http/error-handler.ts'
import type { HttpError } from '../platform/http-error.ts'
import { isTextKey, type TextKey } from '../language/messages.ts'
import { Document } from '../web/document.tsx'
import { Layout, viewOf } from '../web/layout.tsx'
import { PageError } from '../web/page-error.ts'
import { maySee } from '../web/session/session.ts'
import { showPage, viewerOf, type PageContext, type Viewer } from '../web/viewer.tsx'

/** Responds to an error with a page. If a form was invalid, the page has that form again, to correct it. */
export async function showError(error: Error, context: PageContext): Promise<Response> {
  const httpError = toHttpError(asHttpError(error), context)
  const { status, code, headers } = httpError
  const isSignedIn = await maySee(context)
  const form = isSignedIn && status === 400 ? await loadForm(context, httpError) : undefined
  const { text } = viewerOf(context)
  const title = text(form ? 'error.title.form' : titleOf(code))
  const content = (
    <>
      <p class="note bad" role="alert">
        {describe(httpError, text)}
      </p>
      {form}
      <p>
        <a href="/">{text('error.back')}</a>
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
  return showPage(context, page, status, headers)
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
    ? new PageError(413, 'too_large', 'error.longForm')
    : new PageError(403, 'forbidden', 'error.foreignForm')
}

/** The message of an error in the viewer's language, if the catalogue has it. */
function describe(error: HttpError, text: Viewer['text']): string {
  if (error instanceof PageError) return text(error.key, error.values)
  const key = `error.${error.code}`
  return isTextKey(key) ? text(key) : error.message
}

function titleOf(code: string): TextKey {
  const key = `error.title.${code}`
  return isTextKey(key) ? key : 'error.title'
}
