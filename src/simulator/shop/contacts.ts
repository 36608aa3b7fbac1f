import { Random } from '../random.ts'
import { UNKNOWN_DOMAIN, UNKNOWN_MAILBOX, type Fault } from './bounces.ts'
import { drawByShare, drawShare } from './chances.ts'

/** Someone who gets the shop's messages. */
export type Contact = {
  contactId: number
  /** UTC milliseconds. */
  joinedAt: number
  language: 'uk' | 'en'
  addresses: { email?: string; sms?: string; mobilepush?: string; webpush?: string }
  externalCustomerId: string | undefined
  /** Her mailbox provider: its short name, or the domain of her company. Undefined without an email address. */
  provider: string | undefined
  /** The probability that she reads an average email. */
  interest: number
  /** Why no mail ever reaches her; undefined if it does. */
  fault: Fault | undefined
  /** What a program before her mailbox does with every mail: opens all links, or one, or only the images. */
  scanner: Scanner | undefined
  device: { osName: string; osType: string }
}

/** A rule can see only the first: three or more links within two seconds. */
type Scanner = 'all links' | 'one link' | 'images'

type Domain = {
  domain: string
  provider: string
  share: number
  /** Of its mailboxes, those behind a scanner. */
  scanned: number
}

const at = (provider: string, domain: string, share: number, scanned = 0.001): Domain => ({
  domain,
  provider,
  share,
  scanned,
})

const DOMAINS: readonly Domain[] = [
  at('gmail', 'gmail.com', 450),
  at('ukr.net', 'ukr.net', 180),
  at('i.ua', 'i.ua', 50),
  at('meta.ua', 'meta.ua', 30),
  at('icloud', 'icloud.com', 45),
  at('outlook', 'outlook.com', 40, 0.03),
  at('outlook', 'hotmail.com', 25, 0.03),
  at('yahoo', 'yahoo.com', 30),
  at('mail.ru', 'mail.ru', 5),
  ...['budivnyk', 'agro-lan', 'dim-i-sad', 'kyiv-metal', 'lviv-design', 'sonce-energo'].map(
    (name) => at(`${name}.example`, `${name}.example`, 20, 0.04),
  ),
]

const FIRST_NAMES = [
  'olena',
  'anna',
  'ivan',
  'petro',
  'maria',
  'oksana',
  'taras',
  'yulia',
  'dmytro',
]
const SURNAMES = [
  'petrenko',
  'shevchenko',
  'kovalenko',
  'bondarenko',
  'tkachenko',
  'kravchenko',
  'melnyk',
  'savchenko',
  'rudenko',
  'moroz',
]
const DEVICES = [
  { osName: 'Android', osType: 'Mobile', share: 6 },
  { osName: 'iOS', osType: 'Mobile', share: 3 },
  { osName: 'Windows', osType: 'Desktop', share: 3 },
]
const INTERESTS = [
  { interest: 0, share: 30 },
  { interest: 0.08, share: 30 },
  { interest: 0.3, share: 25 },
  { interest: 0.6, share: 15 },
]
const FIRST_CONTACT = 100_000_000
/** Of all contacts, those who join while the simulation runs. */
const JOINING_SHARE = 0.4
const FAULTY_SHARE = 0.02

/** Makes the shop's contacts, the same for the same seed. @param start,end UTC milliseconds */
export function makeContacts(seed: number, count: number, start: number, end: number): Contact[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, index) => makeContact(random.fork(), index, start, end))
}

function makeContact(random: Random, index: number, start: number, end: number): Contact {
  const contactId = FIRST_CONTACT + index
  const joins = random.chance(JOINING_SHARE)
  const place = drawByShare(random, DOMAINS)
  const email = random.chance(0.92) ? makeEmail(random, index, place.domain) : undefined
  const { interest } = drawByShare(random, INTERESTS)
  const { osName, osType } = drawByShare(random, DEVICES)
  // No operator has the prefix 076.
  const sms = `38076${String(index).padStart(7, '0')}`
  return {
    contactId,
    joinedAt: joins ? Math.floor(start + drawShare(random) * (end - start)) : start,
    language: random.chance(0.85) ? 'uk' : 'en',
    addresses: {
      ...(email !== undefined && { email }),
      ...((email === undefined || random.chance(0.65)) && { sms }),
      ...(random.chance(0.2) && { mobilepush: `${random.hex(22)}:${random.hex(140)}` }),
      ...(random.chance(0.15) && { webpush: random.hex(150) }),
    },
    externalCustomerId: random.chance(0.7) ? `shop-${contactId}` : undefined,
    provider: email === undefined ? undefined : place.provider,
    interest,
    fault: drawFaultOf(random),
    scanner: drawScanner(random, place),
    device: { osName, osType },
  }
}

/** An address that nobody has, at the domain of a real provider. */
function makeEmail(random: Random, index: number, domain: string): string {
  const [name, surname] = [random.pick(FIRST_NAMES), random.pick(SURNAMES)]
  const local = `${name}.${surname}.made-up${index}`
  if (random.chance(0.01)) return `${local}+shop@${domain}`
  return random.chance(0.02) ? `${local.toUpperCase()}@${domain}` : `${local}@${domain}`
}

function drawFaultOf(random: Random): Fault | undefined {
  if (!random.chance(FAULTY_SHARE)) return undefined
  return random.chance(0.85) ? UNKNOWN_MAILBOX : UNKNOWN_DOMAIN
}

function drawScanner(random: Random, { scanned }: Domain): Scanner | undefined {
  if (random.chance(scanned)) return 'all links'
  if (random.chance(scanned / 20)) return 'one link'
  return random.chance(scanned / 20) ? 'images' : undefined
}
