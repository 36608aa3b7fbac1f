/** The lists of events, and a single event. */
export const events = {
  'events.list': 'Events, newest first',
  'events.view': 'View event',
  'events.pause': 'Pause',
  'events.newer': 'There are newer events. <link>Show them</link>',
  'events.backToNewest': 'Back to newest',
  'events.older': 'Older',
  'events.further': 'Search further',
  'events.searched':
    '{count, plural, =0 {No events} one {# event} other {# events}} found back to {time}. Older events are not searched yet.',
  'events.noOlder': 'No older events.',
  'events.noMatch': 'No events match. Remove a filter, or <link>show all events</link>.',
  'events.none': 'No events yet. The <link>overview</link> shows how to send the first one.',
  'events.ahead':
    'Events dated more than a day in the future are not in this list. <link>Show them</link>',
  'events.zone': 'Times: {zone}.',
  'events.filter': 'Filter events',
  'events.any': 'Any',
  'events.time': 'Time',
  'events.numbers': 'A number, or several with commas',
  'events.show': 'Show',

  'bounce.hard': 'Hard bounce',
  'bounce.soft': 'Soft bounce',
  'bounce.unknown': 'Bounce',
  'bounce.withReason': '{kind}: <reason></reason>',
  'bounce.withoutReason': '{kind}, reason unknown',

  'events.one': 'Event',
  'events.all': 'All events',
  'events.notFound': 'There is no event with this ID.',
  'events.sent': 'Sent by Yespo',
  'events.tooLong':
    'This event is too long to show all of it. <code>GET /activity/[id]</code> of the API has the rest.',
  'events.labels': 'Labels of the request',
  'events.recorded': 'Recorded here',
  'events.occurred': 'Occurred',
  'events.utc': '{time} UTC',
  'events.received': 'Received',
  'events.source': 'Source',
  'events.source.webhook': 'webhook',
  'events.source.api': 'Yespo’s API',
  'events.newTab': '(in a new tab)',
  'events.personal': 'Personal data can’t be part of a link. Use the search at the top.',
  'events.maybePersonal':
    'What may be personal data can’t be part of a link. Use the same parameter of GET /activity in the API.',
} as const
