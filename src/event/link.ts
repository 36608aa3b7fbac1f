import { normalizeDomain } from './identifier.ts'

const MAX_LENGTH = 1_000 // characters, of a link in reports
const MAX_INPUT = 8_000 // longer ones are cut before they are read
const MAX_UTM_LENGTH = 200
const MAX_DEPTH = 3 // of links in parameters of links

/** Stands for what is personal. */
const MASK = '…'

/**
 * Parameters that advertising, analytics and mailing systems add to links, in lower case: they tell who clicked or
 * where, and lead nowhere else. From the lists of Brave (query_filter), Firefox (query_stripping), AdGuard
 * (TrackParamFilter), ClearURLs, Neat URL and mpchadwick/tracking-query-params-registry.
 */
const TRACKING: ReadonlySet<string> = new Set(
  `
  gclid gclsrc gbraid wbraid gad_source gad_campaignid dclid srsltid _ga _gl _gac _gid
  fbclid fb_action_ids fb_action_types fb_comment_id fb_ref fb_source igshid igsh
  msclkid cvid oicd yclid ysclid ymclid syclid _openstat twclid ttclid tt_medium tt_content li_fat_id
  rdt_cid epik scclid sccid snapclid irclickid irgwc awc awclid cjevent cjdata clickid click_id rb_clickid
  unicorn_click_id wickedid admitad_uid tblci dicbo obclid auctid
  mc_cid mc_eid mc_tc ml_subscriber ml_subscriber_hash _ke _kx kx ck_subscriber_id
  _hsenc _hsmi __hssc __hstc __hsfp hsctatracking __s
  mkt_tok elqtrack elqtrackid elq elqcampaignid elqaid elqat elqtrk et_rid et_cid sfmc_id sfmc_sub sfmc_activityid
  vero_conv vero_id oly_anon_id oly_enc_id bsft_clkid bsft_uid bsft_eid bsft_aaid bsft_utid bbeml _bhlid
  dm_i dm_t _bta_tid _bta_c trk_contact trk_msg trk_module trk_sid ss_email_id ss_source ss_campaign_id
  sc_src sc_lid sc_llid sc_uid sc_eh sc_customer vgo_ee nr_email_referer mindbox-click-id
  s_cid s_kwcid sc_cid ef_id icid xtor wt.mc_id wt_mc cm_mmc cm_mmca1 at_recipient_id at_recipient_list at_campaign
  at_medium at_custom1 mkwid pcrid mkcid mkevt gdfms gdftrk gdffi redirect_log_mongo_id redirect_mongo_id
  sb_referer_host _branch_match_id _branch_referrer guce_referrer guce_referrer_sig guccounter
  itm_source itm_medium itm_campaign itm_content itm_term action_object_map action_ref_map action_type_map
  `
    .trim()
    .split(/\s+/),
)
const TRACKING_PREFIX = /^(?:utm|mtm|pk|piwik|matomo|hsa|oft)_/

/** Parameters whose values are personal, whatever they look like. */
const PERSONAL =
  /^(?:e-?mail(?:_?address)?|(?:user|customer|client|contact|subscriber|recipient|profile|person|member)[_-]?(?:id|e-?mail|phone|hash|key|name)|uid|(?:mobile|phone|tel)(?:_?(?:number|no))?|msisdn|(?:first|last|full|sur|middle)_?name|patronymic|birth_?(?:day|date)|dob|(?:access_|auth_|id_|refresh_|csrf_|unsubscribe_)?token|auth|jwt|otp|session(?:_?id)?|(?:php|j)?sess?id|sid|passw(?:or)?d|pwd|signature|sig|hash|hmac)$/

const SCHEME = /^([a-z][a-z0-9+-]*):(\/\/)?/i // a dot before the colon: a host and its port
const HOST = /^[^\s/?#@]+\.[^\s/?#@]+(?=[/?#]|$)/
const AUTHORITY = /^[^/?#\\]*/

/**
 * A clicked link as reports count it: the same for everyone who was sent it, and without anything personal. Tracking
 * parameters are removed; what looks like an address, a phone number or a token becomes "…"; spellings that lead to the
 * same page are one. Other parameters stay, in their order.
 *
 * @param clickEventLink any text; of `mailto:`, `tel:` and the like only the scheme is kept
 * @returns at most 1,000 characters
 */
export function normalizeLink(clickEventLink: string): string {
  const text = clickEventLink.trim()
  const whole =
    text.length <= MAX_INPUT ? text : text.slice(0, MAX_INPUT).replace(/[^/?&#=]*$/, MASK)
  return shorten(normalize(respell(whole), 1), MAX_LENGTH)
}

function normalize(link: string, depth: number): string {
  const [start = '', scheme = '', slashes] = SCHEME.exec(link) ?? []
  if (scheme !== '' && slashes === undefined) return `${scheme.toLowerCase()}:${MASK}`
  const rest = link.slice(start.length)
  if (scheme === '' && !HOST.test(rest)) return cleanRest(rest, depth)
  const [authority] = AUTHORITY.exec(rest) ?? ['']
  const origin = spellOrigin(scheme.toLowerCase(), authority)
  const cleaned = cleanRest(rest.slice(authority.length), depth)
  const isWeb = scheme === '' || /^https?$/i.test(scheme)
  return `${origin}${isWeb && !cleaned.startsWith('/') ? '/' : ''}${cleaned}`
}

function spellOrigin(scheme: string, authority: string): string {
  const at = authority.lastIndexOf('@')
  const [host = '', ...port] = authority
    .slice(at + 1)
    .toLowerCase()
    .split(':')
  const isAscii = /^[!-~]*$/.test(host)
  const spelled = (isAscii ? host : normalizeDomain(host)).replace(/\.$/, '')
  const user = at === -1 ? '' : `${MASK}@`
  const address = [`${user}${spelled}`, ...port.filter((number) => number !== '')].join(':')
  if (scheme === '') return address
  return `${scheme}://${address}`.replace(/^(http:.*):80$|^(https:.*):443$/, '$1$2')
}

/** @param text path, query and fragment */
function cleanRest(text: string, depth: number): string {
  const hash = text.indexOf('#')
  const [before, fragment] = hash === -1 ? [text, ''] : [text.slice(0, hash), text.slice(hash + 1)]
  const mark = before.indexOf('?')
  const [path, query] = mark === -1 ? [before, ''] : [before.slice(0, mark), before.slice(mark + 1)]
  return `${cleanPath(path)}${prefix('?', cleanQuery(query, depth))}${prefix('#', cleanFragment(fragment, depth))}`
}

const prefix = (mark: string, text: string) => (text === '' ? '' : `${mark}${text}`)

const cleanPath = (path: string) =>
  path
    .split('/')
    .map((piece) => (isPersonal(piece) ? MASK : piece))
    .join('/')

function cleanQuery(query: string, depth: number): string {
  if (query === '') return ''
  return query
    .replaceAll('&amp;', '&') // a link that was escaped for HTML twice
    .split('&')
    .map((pair) => cleanPair(pair, depth))
    .filter((pair) => pair !== '')
    .join('&')
}

function cleanPair(pair: string, depth: number): string {
  const equals = pair.indexOf('=')
  const name = equals === -1 ? pair : pair.slice(0, equals)
  const lower = decode(name).toLowerCase()
  if (TRACKING.has(lower) || TRACKING_PREFIX.test(lower)) return ''
  if (equals === -1) return isPersonal(name) ? MASK : name
  const value = pair.slice(equals + 1)
  const spelled = isPersonal(name) ? MASK : name
  if (value === '') return `${spelled}=`
  return `${spelled}=${PERSONAL.test(lower) ? MASK : cleanValue(value, depth)}`
}

const LINK = /^https?:\/\//i

function cleanValue(value: string, depth: number): string {
  const decoded = decode(value)
  if (!LINK.test(decoded)) return isPersonal(value) ? MASK : value
  if (depth === MAX_DEPTH) return MASK
  return normalize(respell(decoded), depth + 1).replace(/[&#+%]/g, encodeURIComponent)
}

const TEXT_FRAGMENT = /:~:.*$/s

/** A fragment is a name, a path of an application in the page, or parameters. */
function cleanFragment(fragment: string, depth: number): string {
  if (fragment === '') return ''
  const kept = fragment.replace(TEXT_FRAGMENT, '')
  const mark = kept.indexOf('?')
  if (mark !== -1) {
    const query = cleanQuery(kept.slice(mark + 1), depth)
    return `${cleanPath(kept.slice(0, mark))}${prefix('?', query)}`
  }
  return kept.includes('=') && !kept.startsWith('/') ? cleanQuery(kept, depth) : cleanPath(kept)
}

const ADDRESS = /[^@\s/](?:@|%(?:25)*40)[^@\s/]/i
const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i
const JWT = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]/
const HEX = /[\da-f]{16,}/gi
const DIGITS = /\d{16,}/
const WORD = /[a-z0-9]{16,}/gi
const BASE64 = /[a-z0-9]{10,}/gi // of ASCII letters, digits and what else is in addresses, it has no other characters
const MAX_BASE64 = 2_000
// With a "+" or "00", or Ukrainian; a number of 11 or 12 digits is hardly anything else.
const PHONE = /^(?:\+\d{7,15}|00\d{9,13}|0\d{9})$|^380\d{9}$/
const BARE_PHONE = /(?<!\d)(?:\+\d{10,15}|380\d{9})(?!\d)|^\d{11,12}$/
const BETWEEN_DIGITS = /[\s().-]/g
const MIN_PERSONAL_LENGTH = 8 // nothing but an address is shorter

/** Whether a part of a link looks like an email address, a phone number or a token. */
function isPersonal(text: string): boolean {
  if (ADDRESS.test(text)) return true
  if (text.length < MIN_PERSONAL_LENGTH) return false
  const decoded = decode(text)
  if ((decoded.match(BASE64) ?? []).some(hidesAddress)) return true
  if (!/\d/.test(text)) return false
  if (BARE_PHONE.test(decoded) || PHONE.test(decoded.replace(BETWEEN_DIGITS, ''))) return true
  if (decoded.length < 16) return false
  if (UUID.test(decoded) || JWT.test(decoded) || DIGITS.test(decoded)) return true
  if ((decoded.match(HEX) ?? []).some((word) => /\d/.test(word))) return true
  return (decoded.match(WORD) ?? []).some(isRandom)
}

const DECODED_ADDRESS = /^[ -~]*[^@\s/]@[\w-]+\.[\w.-]+[ -~]*$/

/** Whether a word has an email address in Base64. */
function hidesAddress(word: string): boolean {
  if (word.length > MAX_BASE64 || word.length % 4 === 1) return false
  return DECODED_ADDRESS.test(atob(word))
}

/** Whether a word of letters and digits is one that no one made up: a digit is in it, and kinds change often. */
function isRandom(word: string): boolean {
  if (!/\d/.test(word) || !/[a-z]/i.test(word)) return false
  let changes = 0
  for (let index = 1; index < word.length; index++) {
    if (kindOf(word.charCodeAt(index)) !== kindOf(word.charCodeAt(index - 1))) changes++
  }
  return changes * 4 >= word.length
}

/** Digit, capital or small letter, of an ASCII letter or digit. */
const kindOf = (code: number) => (code < 0x40 ? 0 : code < 0x60 ? 1 : 2)

/** The value of an escaped text; the text itself if it is badly escaped. */
function decode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const PLAIN = /^[!#$&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]*$/
const ESCAPED_ASCII = /%[0-7][0-9a-f]/gi
const ESCAPED_HIGH = /(?:%[89a-f][0-9a-f])+/gi
// Letters, digits and signs that a link may have as they are, and the mask.
const NEEDS_ESCAPE = /[^!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~…\p{L}\p{M}\p{N}]/gu

/** One spelling of escaped and plain characters: letters of all scripts as they are, everything else escaped. */
function respell(text: string): string {
  if (PLAIN.test(text)) return text
  return text
    .toWellFormed()
    .replace(ESCAPED_ASCII, (escape) => {
      const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
      return /[\w.~-]/.test(character) ? character : escape.toUpperCase()
    })
    .replace(ESCAPED_HIGH, (escapes) => decode(escapes.toUpperCase()))
    .replace(NEEDS_ESCAPE, (character) => encodeURIComponent(character))
}

function shorten(text: string, max: number): string {
  return text.length <= max
    ? text
    : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}${MASK}`
}

/** The UTM parameters of reports: what a campaign was called in the link that was clicked. */
export const UTM_NAMES = ['source', 'medium', 'campaign', 'content', 'term'] as const

export type UtmName = (typeof UTM_NAMES)[number]

const UTM = /(?:^|[?&#;])utm_(source|medium|campaign|content|term)=([^&#\s]*)/gi

/**
 * The UTM parameters of a clicked link, decoded: as they are, as analytics tells capital from small letters. The first
 * of several of one name counts; one that looks personal becomes "…".
 */
export function utmOf(clickEventLink: string): Partial<Record<UtmName, string>> {
  const found: Partial<Record<UtmName, string>> = {}
  if (!/utm_/i.test(clickEventLink)) return found
  for (const [, key = '', escaped = ''] of clickEventLink.slice(0, MAX_INPUT).matchAll(UTM)) {
    const name = UTM_NAMES.find((each) => each === key.toLowerCase())
    const value = decode(escaped.replaceAll('+', ' ')).toWellFormed().trim()
    if (name === undefined || value === '' || found[name] !== undefined) continue
    found[name] = isPersonal(value) ? MASK : shorten(value, MAX_UTM_LENGTH)
  }
  return found
}
