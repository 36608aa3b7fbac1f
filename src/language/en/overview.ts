/** The overview: results of a period, whether events arrive, and events over time. */
export const overview = {
  'overview.unusual': 'Unusual this week',
  'overview.more': '{count, plural, one {# more} other {# more}}',
  'overview.activity': 'Activity',
  'overview.largest': 'Largest campaigns',
  'overview.campaign': 'Campaign',
  'overview.allCampaigns': 'All campaigns',

  'results.delivered': 'Delivered',
  'results.read': 'Read',
  'results.clicked': 'Clicked',
  'results.undelivered': 'Bounced',
  'results.spam': 'Complained',
  'results.unsubscribed': 'Unsubscribed',
  'results.attempted': 'of {count}',
  'results.people': '{count, plural, one {# person} other {# people}}',
  'results.points': '{points} pp',
  'results.before': '{before} in the period before',
  'results.compared':
    'People, counted once per delivery. Percentages are of delivered; bounced, of sent. Changes are against {period}.',
  'results.warning': 'over {limit}',
  'results.hardWarning': 'hard bounces over {limit}',
  'results.exceeded': 'over the limit of {limit}',
  'results.hardExceeded': 'hard bounces over the limit of {limit}',

  'now.label': 'Events now',
  'now.arriving': 'Events are arriving.',
  'now.silent': 'No new events.',
  'now.last': 'Last one {ago}.',
  'now.recent': 'In 15 minutes: <link>{count}</link>.',
  'now.quarantined': 'In quarantine: <link>{count}</link>.',
  'now.details': 'Status',
  'now.problems': '{count, plural, one {# problem needs} other {# problems need}} your attention',
  'now.uncertain':
    'No new events for {span}. There is too little data yet to say whether that is normal.',
  'now.silence':
    'No new events for {span}; the longest normal gap is {normal}. In Yespo, check that the webhook is active (Account settings → Data export), and press “Send test” there: its response says what is wrong.',
  'now.filled': 'Events stored since were filled in from Yespo’s API, or replayed.',
  'now.ahead':
    'The newest event is dated {span} in the future. Check that YESPO_TIME_ZONE matches your Yespo account.',
  'now.datedAhead':
    'Events of the last 24 hours that came with a date more than a day in the future: {count}. <link>Show them</link>',

  'overview.incomplete':
    'Too much data for one page: the oldest campaigns are left out. Choose a shorter period.',
  'overview.noEvents':
    'No events in this period. <link>See the newest events</link>, or choose a longer period.',
  'overview.by.minute': 'By the minute, {zone}.',
  'overview.by.quarter': 'Every 15 minutes, {zone}.',
  'overview.by.hour': 'Hourly, {zone}.',
  'overview.by.day': 'Daily, {zone}.',
  'overview.asChart': 'Show as a chart',
  'overview.asTable': 'Show as a table',
  'overview.table': 'Events over time',
  'overview.time': 'Time',
  'overview.others': 'Others',
  'overview.nothing': 'no events',
  'overview.statuses': 'Statuses',
  'overview.showAll': 'Show all statuses',
  'overview.showOnly': 'Show only this status',
  'overview.events': '{count, plural, one {# event} other {# events}}: {status}',
} as const
