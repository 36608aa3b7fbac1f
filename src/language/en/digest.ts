/** The digest of a week. */
export const digest = {
  'digest.title': 'Yespo receiver: the week of {week}.',
  'digest.nothing': 'Nothing needs attention.',
  'digest.lookAt': 'To look at:',
  'digest.more': '… more: GET /reports/digest?week={monday}',

  'digest.channel': '{channel}: {parts}.',
  'digest.delivered': '{count, number} delivered',
  'digest.moreThanWeek': '{change, number, percent} more than the week before',
  'digest.lessThanWeek': '{change, number, percent} less than the week before',
  'digest.moreThanFour': '{change, number, percent} more than four weeks before',
  'digest.lessThanFour': '{change, number, percent} less than four weeks before',
  'digest.before': '{rate} (before: {before})',
  'digest.rate': '{rate, number, ::percent .0#}',
  'digest.readWithoutMachines': '{rate} read',
  'digest.clickedWithoutMachines': '{rate} clicked',
  'digest.undelivered': '{rate} bounced',
  'digest.hardBounced': '{rate} bounced permanently',
  'digest.spam': '{rate} complained',
  'digest.unsubscribed': '{rate} unsubscribed',

  'digest.readMost': 'Read most: {campaign}, {rate} of {of, number}.',
  'digest.bouncedMost': 'Bounced most: {campaign}, {rate} of {of, number}.',
  'digest.campaign': '“{name}” (message {id})',
  'digest.nameless': 'message {id}',

  'digest.noSuppressions': 'No new suppressions.',
  'digest.suppressions':
    '{count, plural, one {# new suppression} other {# new suppressions}}: {reasons}.',
  'digest.reason.HARD_BOUNCE':
    '{count, plural, one {# permanent bounce} other {# permanent bounces}}',
  'digest.reason.SPAM': '{count, plural, one {# complaint} other {# complaints}}',
  'digest.reason.UNSUBSCRIBED': '{count, number} unsubscribed',
  'digest.noBounces': 'No bounces.',
  'digest.bounces': '{count, plural, one {# bounce} other {# bounces}}: {causes}.',
  'digest.causeCount': '{title}: {count, number}',

  'digest.tooMany.spam':
    '{rate} of the contacts by {channel} complained ({numerator, number} of {denominator, number}); more than {limit} is too many.',
  'digest.tooMany.hardBounced':
    '{rate} of the contacts by {channel} bounced permanently ({numerator, number} of {denominator, number}); more than {limit} is too many.',
  'digest.campaignBounced':
    '{campaign} bounced permanently for {rate} of {of, number}; more than {limit} is too many. See where its contacts come from.',
  'digest.volume': 'Contacts written to by {channel}: {count, number}, {change}.',
  'digest.causeRose':
    'Bounces with the cause “{title}”: {count, number}, after {before, number} the week before. See “Bounces” on the dashboard.',
  'digest.missed':
    'The webhook missed {count, plural, one {# event} other {# events}} that Yespo’s API has ({share}); they were filled in. See /coverage on the dashboard.',
  'digest.quarantined':
    '{count, plural, one {# item} other {# items}} in quarantine. See “Quarantine” on the dashboard, fix the cause, then replay or delete them.',
  'digest.unexpected':
    'Events have {count, plural, one {# new thing} other {# new things}} that Yespo does not document: {names}.',
  'digest.named':
    '{kind, select, parameter {parameter} type {type of the parameter} status {status} other {channel}} {name}',
  'digest.unnamed':
    '{kind, select, parameter {parameter} type {type of a parameter} status {status} other {channel}} (name not shown)',
} as const
