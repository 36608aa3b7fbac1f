import type { Handler, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { every } from 'hono/combine'
import { csrf } from 'hono/csrf'
import { secureHeaders } from 'hono/secure-headers'
import { Hono } from 'hono/tiny'
import { rejectMethod, respondNotFound } from './http/error-handler.ts'
import { isForPeople } from './http/for-people.ts'
import { PageError } from './web/page-error.ts'
import { showAsset } from './web/assets.ts'
import { requireForm } from './web/form.ts'
import { chooseLanguage } from './web/language-choice.tsx'
import { logAs, logLookup } from './web/log-lookup.ts'
import {
  requireOperator,
  requireSession,
  showSignedIn,
  signIn,
  signOut,
} from './web/session/session.ts'
import type { PageContext } from './web/viewer.tsx'
import { showError } from './error-page/error-page.tsx'
import { showBounces } from './bounces/page/bounces.tsx'
import { search, showSearch } from './contacts/page/search.tsx'
import { showContact } from './contacts/page/contact.tsx'
import { checkErasures, showCheck } from './erasure/page/check.tsx'
import { downloadData } from './erasure/page/download.ts'
import { confirmErase, erase } from './erasure/page/erase.tsx'
import { showErasure, showErasures } from './erasure/page/erasures.tsx'
import { showEvent } from './events/page/event.tsx'
import { showRecent } from './events/page/recent.tsx'
import { showStatus } from './monitoring/page/status.tsx'
import { showFirstEvent, showNow, showOverview } from './overview/overview.tsx'
import { deleteItem, deleteReason, replayItem, replayReason } from './quarantine/page/actions.ts'
import { confirmDeleteItem, confirmDeleteReason } from './quarantine/page/confirm-delete.tsx'
import { showItem } from './quarantine/page/item.tsx'
import { showQuarantine } from './quarantine/page/quarantine.tsx'
import { showCampaign } from './reports/page/campaign/campaign.tsx'
import { showCampaigns } from './reports/page/campaigns.tsx'
import { showClicks } from './reports/page/clicks/clicks.tsx'
import { showHours } from './reports/page/hours.tsx'
import { showProviders } from './reports/page/providers/providers.tsx'
import { downloadEngagement, showEngagement } from './reports/page/engagement.tsx'
import { downloadPeople, showPeople } from './reports/page/people/people.tsx'
import { cancelSyncs, startSync } from './sync/page/actions.ts'
import { showCoverage, showSyncs } from './sync/page/coverage.tsx'

const MAX_FORM_BYTES = 20_000

/** Pages load and run only files of this receiver, and send forms and requests only to it. */
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
  referrerPolicy: 'same-origin', // with no-referrer, browsers would not send the origin of a form
  strictTransportSecurity: false, // for the owner of the domain to decide
})

const preventCaching: MiddlewareHandler = async (context, next) => {
  await next()
  if (!context.res.headers.has('Cache-Control')) context.header('Cache-Control', 'no-store')
}

const harden = every(headers, preventCaching)
const form = every(requireForm, csrf(), bodyLimit({ maxSize: MAX_FORM_BYTES }))

type PageHandler = Handler<{ Bindings: Env }>

/** Pages for signed-in viewers. */
export const PAGES: Readonly<Record<string, PageHandler>> = {
  '/': showOverview,
  '/now': showNow,
  '/first-event': showFirstEvent,
  '/recent': showRecent,
  '/recent/:id': showEvent,
  '/contact': showSearch,
  '/contact/:contactId': showContact,
  '/search': showSearch,
  '/erasures': showErasures,
  '/erasures/check': showCheck,
  '/erasures/:number': showErasure,
  '/bounces': showBounces,
  '/quarantine': showQuarantine,
  '/quarantine/:id': showItem,
  '/campaigns': showCampaigns,
  '/campaigns/clicks': showClicks,
  '/campaigns/hours': showHours,
  '/campaigns/people': showPeople,
  '/campaigns/:id{-?\\d+}': showCampaign,
  '/engagement': showEngagement,
  '/providers': showProviders,
  '/status': showStatus,
  '/coverage': showCoverage,
  '/coverage/syncs': showSyncs,
}

/** Pages whose form is sent to their own URL. */
const WITH_FORM: Readonly<Record<string, PageHandler>> = {
  '/contact': search,
  '/search': search,
  '/erasures/check': checkErasures,
}

/** Files for signed-in viewers. */
const DOWNLOADS: Readonly<Record<string, PageHandler>> = {
  '/campaigns/people.csv': downloadPeople,
  '/contact/:contactId/data': downloadData,
  '/engagement/contacts.csv': downloadEngagement,
}

/** Lists of people with their addresses: who sees one is logged. */
const PEOPLE: readonly string[] = [
  '/campaigns/people',
  '/campaigns/people.csv',
  '/engagement/contacts.csv',
]

/** Forms for operators, some with a page that asks for confirmation. */
export const ACTIONS: Readonly<Record<string, { confirm?: PageHandler; run: PageHandler }>> = {
  '/quarantine/replay': { run: replayReason },
  '/quarantine/delete': { confirm: confirmDeleteReason, run: deleteReason },
  '/quarantine/:id/replay': { run: replayItem },
  '/quarantine/:id/delete': { confirm: confirmDeleteItem, run: deleteItem },
  '/contact/:contactId/erase': { confirm: confirmErase, run: erase },
  '/coverage/sync': { run: startSync },
  '/coverage/cancel': { run: cancelSyncs },
}

/** Responds to an unknown URL: to people with a page. */
async function showNotFound(context: PageContext): Promise<Response> {
  if (!isForPeople(context)) return respondNotFound(context)
  // Anyone may request it, as often as they like.
  const error = new PageError(404, 'not_found', 'error.page', { log: 'nothing' })
  await harden(context, async () => {
    context.res = await showError(error, context)
  })
  return context.res
}

/** The pages for people, by URL. */
export const pages = new Hono<{ Bindings: Env }>({ strict: false })
  .notFound(showNotFound)
  .onError(showError)
  .get('/assets/:hash/:name', (context) => showAsset(context) ?? showNotFound(context))
  .get('/signed-in', harden, showSignedIn)
  .post('/sign-in', harden, form, signIn)
  .all('/sign-in', harden, (context) => context.redirect('/', 303))
  .post('/language', harden, form, chooseLanguage)
  .post('/sign-out', harden, form, requireSession, signOut)

for (const [path, { confirm, run }] of Object.entries(ACTIONS)) {
  pages.post(path, harden, form, requireSession, requireOperator, run)
  if (confirm) pages.get(path, harden, requireSession, requireOperator, logLookup, confirm)
  pages.all(path, harden, () => rejectMethod(confirm ? 'GET, HEAD, POST' : 'POST'))
}

for (const [path, show] of Object.entries({ ...PAGES, ...DOWNLOADS })) {
  const submit = WITH_FORM[path]
  const logging = PEOPLE.includes(path) ? logAs('list') : logLookup
  pages.get(path, harden, requireSession, logging, show)
  if (submit) {
    const looking = submit === search ? logAs('search') : logLookup
    pages.post(path, harden, form, requireSession, looking, submit)
  }
  pages.all(path, harden, () => rejectMethod(submit ? 'GET, HEAD, POST' : 'GET, HEAD'))
}
