/** What the webhook missed, and the syncs with Yespo's API. */
export const coverage = {
  'coverage.title': 'What the webhook missed',
  'coverage.intro':
    'Yespo’s API lists the same events. Whatever the webhook missed is filled in from the API; this page compares the two.',
  'coverage.period': 'Period',
  'coverage.days': '{count, plural, one {# day} other {# days}}',
  'coverage.none': 'No events of these days have been synced from the API.',
  'coverage.noneOfDay': 'No events of this day have been synced from the API.',
  'coverage.tooMuch': 'Too much data for one page: choose fewer days.',
  'coverage.footer':
    'Days are UTC; other times: {zone}. “Coverage” is the share of the API’s events that the webhook delivered.',
  'coverage.off':
    'Sync with Yespo’s API is off. Set the secret YESPO_API_KEY to your Yespo API key (Account settings → API), and check <link>Status</link> for invalid settings.',
  'coverage.started': 'Sync started: see its progress below.',
  'coverage.noneRunning': 'No sync was running.',
  'coverage.cancelled':
    '{count, plural, one {# sync} other {# syncs}} cancelled. Events synced by then are kept.',

  'coverage.byDay': 'By day',
  'coverage.day': 'Day (UTC)',
  'coverage.byKind': 'By status and channel',
  'coverage.noChannel': 'none',
  'coverage.both': 'In both',
  'coverage.webhookOnly': 'Webhook only',
  'coverage.apiOnly': 'API only',
  'coverage.share': 'Coverage',
  'coverage.unknown': '–',

  'coverage.runs': 'Recent syncs',
  'coverage.noRuns': 'No sync has run yet.',
  'coverage.runList': 'Syncs, newest first',
  'coverage.runStarted': 'Started',
  'coverage.runPeriod': 'Period',
  'coverage.runProgress': 'Progress',
  'coverage.cancel': 'Cancel running syncs',
  'coverage.scheduled': 'scheduled',
  'coverage.onDemand': 'on demand',
  'coverage.fromTo': '{since} to {until}',
  'coverage.sync': 'Sync {number}',
  'coverage.finished': 'finished',
  'coverage.stoppedAt': 'stopped at {share}',
  'coverage.cancelledAt': 'cancelled at {share}',
  'coverage.waiting': 'Waiting: <reason></reason>',
  'coverage.syncPeriod': 'Sync a period',
  'coverage.syncHelp': 'Events that are already stored are not stored twice. Yespo keeps 90 days.',
  'coverage.start': 'Start sync',

  'coverage.stopped':
    'The sync with Yespo’s API stopped: <reason></reason> <link>See recent syncs</link>',
  'coverage.stalled':
    'The sync with Yespo’s API has been waiting since {time}: <reason></reason>. <link>See its progress</link>',
  'coverage.reasonUnknown': 'reason unknown',
  'coverage.complete':
    'The webhook delivered {all, plural, one {the only event} other {all of the # events}} that Yespo’s API lists for the last {days, number} days. <link>By day</link>',
  'coverage.missed':
    'The webhook missed {missed, number} of the {all, plural, one {# event} other {# events}} that Yespo’s API lists for the last {days, number} days: {missed, plural, one {it was} other {they were}} filled in from the API. <link>See which</link>',
} as const
