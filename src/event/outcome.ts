type Definition = { readonly status: string; readonly isHard?: true }

/** What people may have done with a message, or what became of it, by the status of an event that says so. */
const DEFINITIONS = {
  sent: { status: 'SENT' },
  delivered: { status: 'DELIVERED' },
  read: { status: 'READ' },
  clicked: { status: 'CLICKED' },
  bounced: { status: 'UNDELIVERED' },
  hardBounced: { status: 'UNDELIVERED', isHard: true },
  complained: { status: 'SPAM' },
  unsubscribed: { status: 'UNSUBSCRIBED' },
} as const satisfies Record<string, Definition>

export type Outcome = keyof typeof DEFINITIONS

/** The outcomes of which only the first event matters. */
export type Milestone = Exclude<Outcome, 'read' | 'clicked'>

export const OUTCOMES: Readonly<Record<Outcome, Definition>> = DEFINITIONS

export const OUTCOME_NAMES = Object.keys(DEFINITIONS) as [Outcome, ...Outcome[]]

export const MILESTONES = OUTCOME_NAMES.filter((name): name is Milestone => !isEngagement(name))

/** The statuses of events that have an outcome. */
export const OUTCOME_STATUSES: readonly string[] = [
  ...new Set(OUTCOME_NAMES.map((name) => OUTCOMES[name].status)),
]

/** Whether an outcome may be a machine's. */
export function isEngagement(name: Outcome): boolean {
  return name === 'read' || name === 'clicked'
}
