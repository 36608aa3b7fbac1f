/** The results by mailbox provider. */
export const providers = {
  'providers.title': 'Mailbox providers',
  'providers.table': 'Results by mailbox provider',
  'providers.provider': 'Provider',
  'providers.cause': '{cause}: {events}',
  'providers.none': 'No emails in this period.',
  'providers.noneYet': 'No emails in this period. <link>Show the last 30 days</link>',
  'providers.first': 'The first {count, number} providers; the CSV file has more.',
} as const
