import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Child } from 'hono/jsx'
import { toHttpError } from '../http/error-handler.ts'
import { HttpError } from '../platform/http-error.ts'
import { Document } from '../web/document.tsx'
import { Layout, viewOf } from '../web/layout.tsx'
import { maySee } from '../web/session/session.ts'
import { keepForm } from './kept-form.tsx'

type PageContext = Context<{ Bindings: Env }>

const TITLES: Readonly<Record<string, string>> = {
  not_found: 'Not found',
  method_not_allowed: 'Not possible here',
  forbidden: 'Not allowed',
  database_not_migrated: 'The database is not migrated',
  daily_limit_reached: 'Used up for today',
}

/**
 * Answers what was thrown behind a page, as a page. A form that was filled in wrongly is on it, to be put
 * right.
 */
export async function showError(error: Error, context: PageContext): Promise<Response> {
  const refusal = toHttpError(asHttpError(error), context)
  const { status, code, headers } = refusal
  const isIn = await maySee(context)
  const form = isIn && status === 400 ? await keepForm(context, refusal) : undefined
  const title = form ? 'Check what you entered' : (TITLES[code] ?? 'Something went wrong')
  const page = isIn ? (
    <Layout view={viewOf(context.req.path)} title={title}>
      <Message refusal={refusal} />
      {form}
      <Back />
    </Layout>
  ) : (
    <Document title={title}>
      <main class="alone">
        <h1>{title}</h1>
        <Message refusal={refusal} />
        <Back />
      </main>
    </Document>
  )
  return context.html(page, status, headers)
}

function Message({ refusal: { message } }: { refusal: HttpError }): Child {
  return (
    <p class="note bad" role="alert">
      {message}
    </p>
  )
}

function Back() {
  return (
    <p>
      <a href="/">Back to overview</a>
    </p>
  )
}

// Forms that come from another site, or that are too long.
function asHttpError(error: Error): Error {
  if (!(error instanceof HTTPException)) return error
  return error.status === 413
    ? new HttpError(413, 'too_large', 'This form is too long.')
    : new HttpError(403, 'forbidden', 'This form was not sent from a page of this receiver.')
}
