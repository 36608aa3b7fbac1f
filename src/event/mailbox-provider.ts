import { normalizeDomain } from './identifier.ts'

type Provider = {
  /** Stands in rows and URLs; has no dot unless it is the provider's own domain. */
  readonly name: string
  readonly title: string
  readonly domains: readonly string[]
}

/** @param endings separated by blanks: `com co.uk` */
const under = (label: string, endings: string) =>
  endings.split(' ').map((ending) => `${label}.${ending}`)

const list = (domains: string) => domains.split(' ')

/**
 * Mailbox providers with several domains. One provider is whose servers accept or reject a message: so AOL is Yahoo's,
 * which has run it on its own servers since 2017, and Yahoo Japan, a company of its own, is not. Which servers a
 * company's own domain uses, be it Google's or Microsoft's, a domain does not tell.
 *
 * Sources: Thunderbird's autoconfiguration database, validator.js (`normalizeEmail`), `@mikkelscheike/email-provider-links`,
 * and for Ukraine the registration forms of the providers.
 */
export const PROVIDERS: readonly Provider[] = [
  { name: 'gmail', title: 'Gmail', domains: ['gmail.com', 'googlemail.com'] },
  {
    name: 'outlook',
    title: 'Outlook, Hotmail',
    domains: [
      ...under(
        'outlook',
        'com at be bg ch cl cn cz de dk es eu fi fr hu ie in it jp kr lt lv my no ph pt sa sg sk co.id co.il co.nz co.th com.ar com.au com.br com.gr com.hr com.mx com.pe com.tr com.vn com.cy rs ro id co.jp co.uk',
      ),
      ...under(
        'hotmail',
        'com at be bg ca ch cl co cz de dk es eu fi fr gr hu ie in it jp kr lt lv my nl no ph pt ro rs ru se sg sk ua co.id co.il co.in co.jp co.kr co.nz co.th co.uk co.za com.ar com.au com.br com.hk com.mx com.my com.pe com.ph com.sg com.tr com.tw com.ua com.vn',
      ),
      ...under(
        'live',
        'com at be ca ch cl cn co.in co.kr co.uk co.za com.ar com.au com.co com.mx com.my com.pe com.ph com.pk com.pt com.sg com.ve de dk eu fi fr hk ie in it jp nl no pt ru se',
      ),
      ...list('msn.com msn.cn windowslive.com passport.com passport.net'),
    ],
  },
  {
    name: 'yahoo',
    title: 'Yahoo, AOL',
    domains: [
      ...under(
        'yahoo',
        'com at be bg ca ch cl cz de dk ee es fi fr gr hr hu ie in it lt lv nl no pl pt ro rs se si sk co.hu co.id co.il co.in co.kr co.nz co.th co.uk co.za com.ar com.au com.br com.cn com.co com.hk com.hr com.mx com.my com.pe com.ph com.sg com.tr com.tw com.ua com.ve com.vn',
      ),
      ...under('ymail', 'com co.uk'),
      ...under(
        'aol',
        'com at be ca cl co.nz co.uk com.ar com.au com.br com.co com.mx com.tr cz de dk es fi fr hk in it jp kr nl pl ru se tw',
      ),
      ...list('rocketmail.com myyahoo.com aim.com love.com ygm.com games.com wow.com'),
      ...list('netscape.net verizon.net'),
    ],
  },
  {
    name: 'icloud',
    title: 'iCloud',
    domains: list('icloud.com me.com mac.com icloud.com.cn privaterelay.appleid.com'),
  },
  { name: 'ukr.net', title: 'UKR.NET', domains: ['ukr.net'] },
  { name: 'i.ua', title: 'I.UA', domains: list('i.ua ua.fm email.ua 3g.ua football.ua') },
  { name: 'meta.ua', title: 'META.ua', domains: ['meta.ua'] },
  { name: 'bigmir.net', title: 'bigmir)net', domains: ['bigmir.net'] },
  { name: 'online.ua', title: 'Online.ua', domains: ['online.ua'] },
  {
    name: 'mail.ru',
    title: 'Mail.ru',
    domains: list('mail.ru inbox.ru list.ru bk.ru internet.ru xmail.ru mail.ua vk.com'),
  },
  {
    name: 'yandex',
    title: 'Yandex',
    domains: [
      ...under('yandex', 'ru com ua by kz uz com.tr com.am com.ge az co.il ee fr lt lv md tj tm'),
      ...list('ya.ru narod.ru'),
    ],
  },
  {
    name: 'rambler',
    title: 'Rambler',
    domains: list('rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru rambler.ua'),
  },
  {
    name: 'proton',
    title: 'Proton',
    domains: list('proton.me protonmail.com protonmail.ch pm.me'),
  },
  {
    name: 'tuta',
    title: 'Tuta',
    domains: list('tuta.com tuta.io tutanota.com tutanota.de tutamail.com keemail.me'),
  },
  {
    name: 'fastmail',
    title: 'Fastmail',
    domains: list(
      'fastmail.com fastmail.fm fastmail.net fastmail.org sent.com messagingengine.com',
    ),
  },
  {
    name: 'zoho',
    title: 'Zoho',
    domains: list('zoho.com zohomail.com zoho.eu zohomail.eu zoho.in'),
  },
  {
    name: 'gmx',
    title: 'GMX',
    domains: under(
      'gmx',
      'net de com at ch org info eu fr es co.uk us biz name tm ca ie it li pt se',
    ),
  },
  { name: 'web.de', title: 'WEB.DE', domains: ['web.de', 'email.de'] },
  {
    name: 'mail.com',
    title: 'mail.com',
    domains: list('mail.com email.com usa.com europe.com consultant.com myself.com post.com'),
  },
  {
    name: 't-online',
    title: 'T-Online',
    domains: list('t-online.de magenta.de telekom.de t-online.at'),
  },
  { name: 'vodafone.de', title: 'Vodafone (Germany)', domains: ['vodafone.de', 'arcor.de'] },
  { name: 'freenet.de', title: 'freenet', domains: ['freenet.de'] },
  { name: 'wp', title: 'WP', domains: list('wp.pl wp.eu') },
  { name: 'o2.pl', title: 'o2 (Poland)', domains: list('o2.pl tlen.pl go2.pl') },
  {
    name: 'interia',
    title: 'Interia',
    domains: list(
      'interia.pl interia.eu interia.com intmail.pl poczta.fm pisz.to pacz.to ogarnij.se vip.interia.pl',
    ),
  },
  {
    name: 'onet',
    title: 'Onet',
    domains: list('onet.pl onet.eu op.pl vp.pl poczta.onet.pl poczta.onet.eu autograf.pl'),
  },
  {
    name: 'seznam',
    title: 'Seznam',
    domains: list('seznam.cz email.cz post.cz spoluzaci.cz firmy.cz'),
  },
  {
    name: 'centrum',
    title: 'Centrum, Atlas',
    domains: list('centrum.cz centrum.sk atlas.cz atlas.sk volny.cz'),
  },
  { name: 'azet.sk', title: 'Azet', domains: list('azet.sk pobox.sk zoznam.sk') },
  { name: 'freemail.hu', title: 'Freemail (Hungary)', domains: ['freemail.hu'] },
  { name: 'citromail.hu', title: 'Citromail', domains: ['citromail.hu'] },
  { name: 'abv.bg', title: 'ABV', domains: list('abv.bg gbg.bg gyuvetch.bg') },
  { name: 'inbox.lv', title: 'Inbox.lv', domains: list('inbox.lv inbox.lt inbox.ee inbox.eu') },
  { name: 'orange.fr', title: 'Orange (France)', domains: list('orange.fr wanadoo.fr voila.fr') },
  {
    name: 'free.fr',
    title: 'Free (France)',
    domains: list('free.fr aliceadsl.fr libertysurf.fr online.fr'),
  },
  {
    name: 'sfr',
    title: 'SFR',
    domains: list('sfr.fr neuf.fr cegetel.net club-internet.fr numericable.fr 9online.fr'),
  },
  { name: 'laposte.net', title: 'La Poste', domains: ['laposte.net'] },
  { name: 'libero', title: 'Libero', domains: list('libero.it inwind.it iol.it blu.it giallo.it') },
  { name: 'virgilio', title: 'Virgilio, TIM', domains: list('virgilio.it alice.it tin.it tim.it') },
  {
    name: 'bt',
    title: 'BT',
    domains: list('btinternet.com bt.com btopenworld.com talk21.com'),
  },
  {
    name: 'virginmedia',
    title: 'Virgin Media',
    domains: list('virginmedia.com blueyonder.co.uk ntlworld.com virgin.net'),
  },
  {
    name: 'att',
    title: 'AT&T',
    domains: list(
      'att.net sbcglobal.net bellsouth.net ameritech.net pacbell.net flash.net snet.net',
    ),
  },
  { name: 'comcast', title: 'Comcast', domains: list('comcast.net xfinity.com') },
  {
    name: 'spectrum',
    title: 'Spectrum',
    domains: list('charter.net spectrum.net twc.com rr.com roadrunner.com'),
  },
  { name: 'qq', title: 'QQ Mail', domains: list('qq.com vip.qq.com foxmail.com') },
  {
    name: 'netease',
    title: 'NetEase',
    domains: list('163.com vip.163.com 126.com yeah.net 188.com'),
  },
]

const BY_DOMAIN: ReadonlyMap<string, string> = new Map(
  PROVIDERS.flatMap(({ name, domains }) => domains.map((domain) => [domain, name] as const)),
)

const DOMAIN = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,9}$/
const MAX_LENGTH = 253 // of a name in DNS

/**
 * The mailbox provider of an email address: the `name` of one in `PROVIDERS`, or else the domain itself, in one
 * spelling.
 *
 * @param domain what comes after the "@"
 * @returns '' if it is no domain
 */
export function providerOf(domain: string): string {
  const known = BY_DOMAIN.get(domain)
  if (known !== undefined) return known
  const spelled = normalizeDomain(domain)
  if (spelled.length > MAX_LENGTH || !DOMAIN.test(spelled)) return ''
  return BY_DOMAIN.get(spelled) ?? spelled
}

const TITLES: ReadonlyMap<string, string> = new Map(
  PROVIDERS.map(({ name, title }) => [name, title]),
)

/** A provider's name for people: its title, or its domain. */
export function titleOfProvider(name: string): string {
  return TITLES.get(name) ?? name
}
