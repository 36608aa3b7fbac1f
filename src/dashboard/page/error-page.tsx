import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { toRefusal } from '../../answer.ts'
import { Refusal } from '../../refusal.ts'
import { Document } from './document.tsx'

/** Answers what was thrown behind a page, as a page. */
export function showError(error: Error, context: Context): Response | Promise<Response> {
  const { status, message, headers } = toRefusal(asRefusal(error), context)
  const page = (
    <Document title="Not shown">
      <main class="alone">
        <h1>This cannot be shown</h1>
        <p class="card">{message}</p>
        <p>
          <a href="/">To the overview</a>
        </p>
      </main>
    </Document>
  )
  return context.html(page, status, headers)
}

// Forms that come from another site, or that are too long.
function asRefusal(error: Error): Error {
  if (!(error instanceof HTTPException)) return error
  return error.status === 413
    ? new Refusal(413, 'too_large', 'This form is too long.')
    : new Refusal(403, 'forbidden', 'This form was not sent from a page of this receiver.')
}
