import { Hono, type Context, type Handler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { every } from 'hono/combine'
import { csrf } from 'hono/csrf'
import { createMiddleware } from 'hono/factory'
import { secureHeaders } from 'hono/secure-headers'
import { respondMethodNotAllowed, respondNotFound } from './http/error-handler.ts'
import { isForPeople } from './http/for-people.ts'
import { HttpError } from './platform/http-error.ts'
import { showAsset } from './web/assets.ts'
import { requireForm } from './web/form.ts'
import { showError } from './error-page/error-page.tsx'
import { showBounces } from './bounces/page/bounces.tsx'
import { findContact, showContactSearch } from './contacts/page/search.tsx'
import { showContact } from './contacts/page/contact.tsx'
import { confirmErase, forget } from './erasure/page/erase.tsx'
import { listErasuresPage, showErasurePage } from './erasure/page/erasures.tsx'
import { cancelReading, readAgain } from './sync/page/actions.ts'
import { showCoverage, showReadings } from './sync/page/coverage.tsx'
import { showCampaigns } from './reports/page/campaigns.tsx'
import { showEvent } from './events/page/event.tsx'
import { showFirstEvent, showNow, showOverview } from './overview/overview.tsx'
import { showRecent } from './events/page/recent.tsx'
import { goOn, requireOperator, requireSession, signIn, signOut } from './web/session/session.ts'
import {
  deleteElement,
  deleteReason,
  replayElement,
  replayReason,
} from './quarantine/page/actions.ts'
import { confirmDeleteElement, confirmDeleteReason } from './quarantine/page/confirm-delete.tsx'
import { showItem } from './quarantine/page/item.tsx'
import { showQuarantine } from './quarantine/page/quarantine.tsx'
import { showStatus } from './monitoring/page/status.tsx'

const MAX_FORM_BYTES = 20_000

/** Nothing comes from elsewhere, and nothing in a page is run or styled but from its own files. */
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: 'same-origin', // with no-referrer, browsers would not say where a form came from
  strictTransportSecurity: false, // which names are served by https alone is for their owner to say
})

const keepNothing = createMiddleware(async (context, next) => {
  await next()
  if (!context.res.headers.has('Cache-Control')) context.header('Cache-Control', 'no-store')
})

const harden = every(headers, keepNothing)
const form = every(requireForm, csrf(), bodyLimit({ maxSize: MAX_FORM_BYTES }))

/** What is shown to whoever has signed in. */
export const PAGES: Readonly<Record<string, Handler<{ Bindings: Env }>>> = {
  '/': showOverview,
  '/now': showNow,
  '/arrived': showFirstEvent,
  '/recent': showRecent,
  '/recent/:id': showEvent,
  '/contact': showContactSearch,
  '/contact/:contactId': showContact,
  '/forgotten': listErasuresPage,
  '/forgotten/:number': showErasurePage,
  '/bounces': showBounces,
  '/set-aside': showQuarantine,
  '/set-aside/:request/:elementIndex': showItem,
  '/campaigns': showCampaigns,
  '/status': showStatus,
  '/coverage': showCoverage,
  '/coverage/readings': showReadings,
}

type Shown = Handler<{ Bindings: Env }>

/** What is done by a form for whoever may operate, after a page that asks where there is one. */
export const ACTIONS: Readonly<Record<string, { ask?: Shown; act: Shown }>> = {
  '/set-aside/replay': { act: replayReason },
  '/set-aside/discard': { ask: confirmDeleteReason, act: deleteReason },
  '/set-aside/:request/:elementIndex/replay': { act: replayElement },
  '/set-aside/:request/:elementIndex/discard': { ask: confirmDeleteElement, act: deleteElement },
  '/contact/:contactId/forget': { ask: confirmErase, act: forget },
  '/coverage/read': { act: readAgain },
  '/coverage/cancel': { act: cancelReading },
}

/** Answers an address where there is nothing: people with a page. */
export async function showNotFound(context: Context<{ Bindings: Env }>): Promise<Response> {
  if (!isForPeople(context)) return respondNotFound(context)
  const error = new HttpError(404, 'not_found', 'There is no page at this address.', {
    log: 'nothing', // anybody may ask for it, as often as they like
  })
  await harden(context, async () => {
    context.res = await showError(error, context)
  })
  return context.res
}

/** The pages for people, by their addresses. */
export const pages = new Hono<{ Bindings: Env }>({ strict: false })
  .onError(showError)
  .get('/assets/:hash/:name', (context) => showAsset(context) ?? showNotFound(context))
  .get('/signed-in', harden, goOn)
  .post('/sign-in', harden, form, signIn)
  .all('/sign-in', harden, (context) => context.redirect('/', 303))
  .post('/sign-out', harden, form, requireSession, signOut)
  .post('/contact', harden, form, requireSession, findContact)

for (const [path, show] of Object.entries(PAGES)) {
  const methods = path === '/contact' ? 'GET, HEAD, POST' : 'GET, HEAD'
  pages.get(path, harden, requireSession, show).all(path, harden, respondMethodNotAllowed(methods))
}

for (const [path, { ask, act }] of Object.entries(ACTIONS)) {
  pages.post(path, harden, form, requireSession, requireOperator, act)
  if (ask) pages.get(path, harden, requireSession, requireOperator, ask)
  pages.all(path, harden, respondMethodNotAllowed(ask ? 'GET, HEAD, POST' : 'POST'))
}
