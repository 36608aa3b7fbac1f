/** Quarantined items. */
export const quarantine = {
  'quarantine.intro':
    'Items that aren’t valid events are kept here unchanged. Everything else in the same request was stored; nothing is lost.',
  'quarantine.byReason': 'By reason',
  'quarantine.reason': 'Reason',
  'quarantine.items': 'Items',
  'quarantine.actions': 'Actions',
  'quarantine.atLeast':
    'At least {count, plural, one {# item} other {# items}}: not all items and reasons are counted here.',
  'quarantine.retryAll': 'Try all again',
  'quarantine.retry': 'Try again',
  'quarantine.retryReason': 'Try again: {reason}',
  'quarantine.delete': 'Delete…',
  'quarantine.deleteReason': 'Delete…: {reason}',
  'quarantine.list': 'Quarantined items, newest first',
  'quarantine.kind.bytes': 'Not UTF-8',
  'quarantine.kind.body': 'Request body',
  'quarantine.kind.bodyBytes': 'Request body, not UTF-8',
  'quarantine.kind.message': 'Queue message',
  'quarantine.view': 'View item',
  'quarantine.keptUntil': 'kept until {time}',
  'quarantine.keptForever': 'kept until you delete it',
  'quarantine.originMessage': 'Queue message {request}',
  'quarantine.originRequest': 'Request {request}',
  'quarantine.originItem': 'Item {number, number} of request {request}',
  'quarantine.summary': '{origin}, {kept}. <link>View item</link>',
  'quarantine.zone': 'Times of receipt: {zone}.',
  'quarantine.empty': 'Quarantine is empty: there is nothing to do.',
  'quarantine.noneYet': 'No matching items so far. Older ones have not been searched yet.',
  'quarantine.noMore': 'No more items.',
  'quarantine.older': 'Older',
  'quarantine.further': 'Search further',
  'quarantine.backToNewest': 'Back to newest',

  'quarantine.one': 'Quarantined item',
  'quarantine.content': 'Content as sent',
  'quarantine.bytes': 'Each byte is shown as one character (ISO 8859-1).',
  'quarantine.beginning':
    'Only the beginning is shown. The table <code>quarantine</code> has all of it.',
  'quarantine.back': 'Back to quarantine',
  'quarantine.notFound':
    'This item no longer exists: it was stored, deleted, or the link is wrong.',
  'quarantine.position': 'Position',
  'quarantine.received': 'Received',
  'quarantine.receivedAt': '{time} ({zone})',
  'quarantine.source': 'Source',
  'quarantine.kept': 'Retention',

  'quarantine.question':
    'Delete {count, plural, one {# quarantined item} other {# quarantined items}}?',
  'quarantine.questionAtLeast':
    'Delete at least {count, plural, one {# quarantined item} other {# quarantined items}}?',
  'quarantine.questionOne': 'Delete this item?',
  'quarantine.noUndo': 'This cannot be undone.',
  'quarantine.deletedSoFar': '{count, plural, one {# item} other {# items}} deleted so far.',
  'quarantine.deleteRest': 'Delete the rest',
  'quarantine.deleteCount': 'Delete {count, plural, one {# item} other {# items}}',
  'quarantine.deleteNow': 'Delete',
  'quarantine.deleteItem': 'Delete item',

  'quarantine.replayed':
    'Tried again: {items, plural, one {# item} other {# items}} became {events, plural, one {# event} other {# events}}.',
  'quarantine.noneReplayed': 'Tried again: no item became an event.',
  'quarantine.still': 'Still in quarantine: {count, plural, one {# item} other {# items}}.',
  'quarantine.deleted': '{count, plural, one {# item} other {# items}} deleted.',
  'quarantine.more': 'There are more items to process.',
  'quarantine.progress':
    'Processed {done, number} of {total, number}; there are more items to process.',
  'quarantine.background': 'They are tried in the background; you may leave this page.',
  'quarantine.continue': 'Continue',
  'quarantine.continueDelete': 'Continue…',
} as const
