/** Contacts by their last read or click. */
export const engagement = {
  'engagement.title': 'Contacts by their last read or click',
  'engagement.last': 'Last read or click',
  'engagement.contacts': 'Contacts',
  'engagement.download': 'Download contacts (CSV)',
  'engagement.unread':
    '{count, plural, one {# contact has} other {# contacts have}} opened and clicked nothing in {days, plural, one {# day} other {# days}}, although messages were delivered.',
  'engagement.none': 'No deliveries in this channel yet. A day is counted once it is over.',
  'engagement.note':
    'Each contact once, by the last read or click of a person; machines are left out. Counted until {time}.',
  'engagement.note.none':
    'Each contact once, by the last read or click of a person; machines are left out. Nothing is counted before the first day is over.',
  'engagement.note.unknown':
    'This channel has never reported a read or a click, so nobody can tell who read nothing.',
  'engagement.band.0-30': '30 days ago or less',
  'engagement.band.31-90': '31 to 90 days ago',
  'engagement.band.91-180': '91 to 180 days ago',
  'engagement.band.more': 'More than 180 days ago',
  'engagement.band.never': 'Never, although delivered',
  'engagement.band.unknown': 'Cannot be told',
} as const
