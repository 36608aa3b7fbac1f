import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { detectFromCookie, detectFromHeader, type DetectorOptions } from 'hono/language'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { createContext, useContext, type Child } from 'hono/jsx'
import { isTimeZone } from '../event/time-zone.ts'
import { clockOf, formatsOf, type Clock, type Formats } from '../language/format.ts'
import { isLanguage, LANGUAGE_CODES, type Language } from '../language/languages.ts'
import {
  partsOf,
  textOf,
  type RichValues,
  type TextKey,
  type Values,
} from '../language/messages.ts'
import { readSettings } from '../settings/settings.ts'
import { takeNotice } from './notice.ts'

/** The context of a page's handler. */
export type PageContext = Context<{ Bindings: Env }>

/** What a page is shown in: the viewer's language and time zone. */
export type Viewer = Formats & {
  language: Language
  /** A text of the catalogue. */
  text: (key: TextKey, values?: Values) => string
  /** A text with elements in it, such as links: `<link>…</link>` becomes what the function `link` returns. */
  rich: (key: TextKey, values: RichValues<Child>) => Child
  clock: Clock
  /** The path and parameters of the page, to come back to it; `/` for the response to a form. */
  here: string
  /** The name of the token, or the address that Cloudflare Access knows; empty before signing in. */
  name: string
  /** The outcome of an action that led to this page; a second time there is none. */
  takeNotice: () => string | undefined
}

/** The cookie of the language that was chosen. */
export const LANGUAGE_COOKIE = 'language'

const CurrentViewer = createContext<Viewer | undefined>(undefined)

/** The viewer of the page that a component is part of. */
export function useViewer(): Viewer {
  const viewer = useContext(CurrentViewer)
  if (!viewer) throw new Error('this component is not part of a page: use showPage')
  return viewer
}

/** Responds with a page, or with a part of one that renews itself. */
export function showPage(
  context: PageContext,
  content: Child,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {},
): Response | Promise<Response> {
  return context.html(
    <CurrentViewer.Provider value={viewerOf(context, status)}>{content}</CurrentViewer.Provider>,
    status,
    headers,
  )
}

/** The viewer of a request. @param status of the response; the parameters of a rejected request are not kept */
export function viewerOf(context: PageContext, status: ContentfulStatusCode = 200): Viewer {
  const language = languageOf(context)
  const { method, url } = context.req
  const { pathname, search } = new URL(url)
  const text: Viewer['text'] = (key, values) => textOf(language, key, values)
  return {
    ...formatsOf(language),
    language,
    text,
    rich: (key, values) => <>{partsOf<Child>(language, key, values)}</>,
    // Its zone may be a setting that is invalid, and pages for errors need none.
    get clock() {
      return clockOf(zoneOf(context), language)
    },
    name: context.get('account')?.label ?? '',
    takeNotice: () => takeNotice(context, text),
    here: method !== 'GET' && method !== 'HEAD' ? '/' : status < 400 ? pathname + search : pathname,
  }
}

const DETECTION: DetectorOptions = {
  order: ['cookie', 'header'],
  caches: false,
  lookupCookie: LANGUAGE_COOKIE,
  lookupFromHeaderKey: 'accept-language',
  lookupQueryString: '',
  lookupFromPathIndex: 0,
  supportedLanguages: LANGUAGE_CODES,
  fallbackLanguage: 'en',
  ignoreCase: true,
}

/** The language that was chosen in the header of a page; until then, the first of the browser's languages that there is. */
function languageOf(context: PageContext): Language {
  const found = detectFromCookie(context, DETECTION) ?? detectFromHeader(context, DETECTION)
  return found !== undefined && isLanguage(found) ? found : 'en'
}

/** The viewer's zone: the page's script sets it as a cookie; until then it is Yespo's zone. */
function zoneOf(context: PageContext): string {
  const zone = getCookie(context, 'zone') ?? ''
  const isValid = /^[\w+\-/]{1,60}$/.test(zone) && isTimeZone(zone)
  return isValid ? zone : readSettings(context.env).timeZone
}
