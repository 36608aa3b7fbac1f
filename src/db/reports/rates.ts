import { KINDS, type Count } from './totals.ts'

/** The denominators of rates: contacts, counted once per delivery. */
const BASES = {
  delivered: { meaning: 'it was delivered to', verb: 'reached' },
  attempted: { meaning: 'it was sent to, delivered or not', verb: 'written to' },
} as const

type Definition = {
  status: string
  kind: number
  over: keyof typeof BASES
  did: string
  /** Whether contacts of whom only machines did it are left out. */
  withoutMachines?: true
}

/**
 * The rates, by their numerators and denominators. Reports, their order, the pages, the alerts and the documentation
 * take their definitions from here.
 */
export const RATES = {
  read: { status: 'READ', kind: KINDS.all, over: 'delivered', did: 'opened it' },
  clicked: { status: 'CLICKED', kind: KINDS.all, over: 'delivered', did: 'clicked a link in it' },
  readWithoutMachines: {
    status: 'READ',
    kind: KINDS.all,
    over: 'delivered',
    did: 'opened it themselves, not only a machine',
    withoutMachines: true,
  },
  clickedWithoutMachines: {
    status: 'CLICKED',
    kind: KINDS.all,
    over: 'delivered',
    did: 'clicked a link in it themselves, not only a machine',
    withoutMachines: true,
  },
  undelivered: { status: 'UNDELIVERED', kind: KINDS.all, over: 'attempted', did: 'bounced' },
  hardBounced: {
    status: 'UNDELIVERED',
    kind: KINDS.hard,
    over: 'attempted',
    did: 'bounced permanently',
  },
  spam: { status: 'SPAM', kind: KINDS.all, over: 'delivered', did: 'complained of spam' },
  unsubscribed: { status: 'UNSUBSCRIBED', kind: KINDS.all, over: 'delivered', did: 'unsubscribed' },
} as const satisfies Record<string, Definition>

export type RateName = keyof typeof RATES

export const RATE_NAMES = Object.keys(RATES) as [RateName, ...RateName[]]

/** A share of contacts; null without a denominator, and when `incomplete`. */
export type Rate = {
  numerator: number
  denominator: number
  rate: number | null
  /** Whether the numerator is larger than the denominator: events of some contacts are missing. */
  incomplete: boolean
}

/** The definition of a rate, in one sentence for people. */
export function defineRate(name: RateName): string {
  const { did, over } = RATES[name]
  return `Contacts that ${did}, out of the contacts ${BASES[over].meaning}.`
}

/** Why a rate is `incomplete`, for people. */
export const WHY_INCOMPLETE =
  'More contacts did this than were delivered to here, so there is no rate: the DELIVERED events are older than the period, or the webhook does not send that status.'

/** All rates, from counts; several of a kind are added up. */
export function toRates(counts: readonly Count[]): Record<RateName, Rate> {
  const contactsOf = (status: string, kind: number) =>
    counts.reduce(
      (sum, { activityStatus, hardBounce, contacts }) =>
        activityStatus === status && hardBounce === kind ? sum + contacts : sum,
      0,
    )
  const delivered = contactsOf('DELIVERED', KINDS.all)
  const undelivered = contactsOf('UNDELIVERED', KINDS.all)
  const repeated =
    contactsOf('DELIVERED', KINDS.repeated) + contactsOf('UNDELIVERED', KINDS.repeated)
  const bases = { delivered, attempted: attemptedOf(delivered, undelivered, repeated) }
  const rateOf = (name: RateName): [RateName, Rate] => {
    const { status, kind, over, withoutMachines }: Definition = RATES[name]
    const machines = withoutMachines ? contactsOf(status, KINDS.machines) : 0
    return [name, divide(contactsOf(status, kind) - machines, bases[over])]
  }
  // One reasoned cast: it has every name.
  return Object.fromEntries(RATE_NAMES.map(rateOf)) as Record<RateName, Rate>
}

/**
 * A delivery counts once, even if it is delivered and bounces later. If a period includes only one of the two, it also
 * counts.
 */
function attemptedOf(delivered: number, undelivered: number, repeated: number): number {
  return Math.max(delivered + undelivered - repeated, delivered, undelivered)
}

/** The same in SQL. */
export function attemptedIn(delivered: string, undelivered: string, repeated: string): string {
  return `max(${delivered} + ${undelivered} - ${repeated}, ${delivered}, ${undelivered})`
}

/** The share of contacts out of others. */
export function divide(numerator: number, denominator: number): Rate {
  const incomplete = numerator > denominator
  const isRate = denominator > 0 && !incomplete
  return {
    numerator,
    denominator,
    rate: isRate ? Math.round((numerator / denominator) * 10_000) / 10_000 : null,
    incomplete,
  }
}
