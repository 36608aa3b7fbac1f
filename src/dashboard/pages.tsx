import { Hono, type Context, type Handler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { every } from 'hono/combine'
import { csrf } from 'hono/csrf'
import { createMiddleware } from 'hono/factory'
import { secureHeaders } from 'hono/secure-headers'
import { answerMethodNotAllowed, answerNotFound } from '../answer.ts'
import { isForPeople } from '../for-people.ts'
import { Refusal } from '../refusal.ts'
import { showAsset } from './page/assets.ts'
import { requireForm } from './page/form.ts'
import { showError } from './error/error-page.tsx'
import { showBounces } from './bounces/bounces.tsx'
import { findContact, showContactSearch } from './contact/search.tsx'
import { showContact } from './contact/contact.tsx'
import { confirmForget, forget } from './contact/forget.tsx'
import { listForgotten, showForgotten } from './contact/forgotten.tsx'
import { cancelReading, readAgain } from './coverage/act.ts'
import { showCoverage, showReadings } from './coverage/coverage.tsx'
import { showCampaigns } from './campaigns/campaigns.tsx'
import { showEvent } from './recent/event.tsx'
import { showArrived, showNow, showOverview } from './overview/overview.tsx'
import { showRecent } from './recent/recent.tsx'
import { goOn, requireOperator, requireSession, signIn, signOut } from './session/session.ts'
import { discardElement, discardReason, replayElement, replayReason } from './set-aside/act.ts'
import { confirmDiscardElement, confirmDiscardReason } from './set-aside/discard.tsx'
import { showSetAsideElement } from './set-aside/element.tsx'
import { showSetAside } from './set-aside/set-aside.tsx'
import { showStatus } from './status/status.tsx'

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
  '/arrived': showArrived,
  '/recent': showRecent,
  '/recent/:id': showEvent,
  '/contact': showContactSearch,
  '/contact/:contactId': showContact,
  '/forgotten': listForgotten,
  '/forgotten/:number': showForgotten,
  '/bounces': showBounces,
  '/set-aside': showSetAside,
  '/set-aside/:request/:elementIndex': showSetAsideElement,
  '/campaigns': showCampaigns,
  '/status': showStatus,
  '/coverage': showCoverage,
  '/coverage/readings': showReadings,
}

type Shown = Handler<{ Bindings: Env }>

/** What is done by a form for whoever may operate, after a page that asks where there is one. */
export const ACTIONS: Readonly<Record<string, { ask?: Shown; act: Shown }>> = {
  '/set-aside/replay': { act: replayReason },
  '/set-aside/discard': { ask: confirmDiscardReason, act: discardReason },
  '/set-aside/:request/:elementIndex/replay': { act: replayElement },
  '/set-aside/:request/:elementIndex/discard': { ask: confirmDiscardElement, act: discardElement },
  '/contact/:contactId/forget': { ask: confirmForget, act: forget },
  '/coverage/read': { act: readAgain },
  '/coverage/cancel': { act: cancelReading },
}

/** Answers an address where there is nothing: people with a page. */
export async function showNotFound(context: Context<{ Bindings: Env }>): Promise<Response> {
  if (!isForPeople(context)) return answerNotFound(context)
  const error = new Refusal(404, 'not_found', 'There is no page at this address.', {
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
  pages.get(path, harden, requireSession, show).all(path, harden, answerMethodNotAllowed(methods))
}

for (const [path, { ask, act }] of Object.entries(ACTIONS)) {
  pages.post(path, harden, form, requireSession, requireOperator, act)
  if (ask) pages.get(path, harden, requireSession, requireOperator, ask)
  pages.all(path, harden, answerMethodNotAllowed(ask ? 'GET, HEAD, POST' : 'POST'))
}
