/** Texts of the search and of a contact. */
export const contacts = {
  'contacts.search': 'Search',
  'contacts.search.help':
    'Search by email, phone, contact ID or customer ID, or by part of an address, to see every message this person was sent. Campaigns are found by ID or part of the name.',
  'contacts.search.label': 'Email, phone, ID or campaign',
  'contacts.search.find': 'Find',
  'contacts.search.results': 'Search results',
  'contacts.search.contacts': '{count, plural, one {# contact} other {# contacts}}',
  'contacts.search.some':
    '{count, plural, one {The first contact; there may be more} other {The first # contacts; there may be more}}',
  'contacts.search.campaigns': '{count, plural, one {# campaign} other {# campaigns}}',
  'contacts.search.cut': 'There are more. Enter more of the address or name.',
  'contacts.search.soFar': 'Contacts up to ID {id} were searched.',
  'contacts.search.noneSoFar': 'Nothing found yet. Contacts up to ID {id} were searched.',
  'contacts.search.on': 'Search on',
  'contacts.search.nameless': 'Yespo sent this address without a contact. Its newest events:',
  'contacts.search.nothing': '“{input}” is not in any event.',
  'contacts.search.part':
    '“{input}” itself is not in any event. Contacts with it as part of an address or ID:',
  'contacts.search.check.spelling':
    'Check the spelling, or enter part of it: at least {least, plural, one {# character} other {# characters}}.',
  'contacts.search.check.other':
    'The person may have another address here. Open the contact in Yespo and search by its ID.',
  'contacts.search.check.before':
    'The receiver knows only people who were sent something since it was set up.',
  'contacts.search.check.erased': 'People who were erased cannot be found.',

  'contacts.title': 'Contact {id}',
  'contacts.unknown': 'There is no contact with this ID.',
  'contacts.by':
    '{channel, select, email {by email} sms {by SMS} viber {by Viber} webpush {by web push} mobilepush {by mobile push} appinbox {by App Inbox} inapp {by in-app message} none {(unknown channel)} other {by {name}}}',
  'contacts.verdict.ok':
    'OK to contact {by}: no hard bounce, spam complaint or unsubscribe on record.',
  'contacts.verdict.unknown':
    '{isSince, select, yes {Only events since {since} were checked} other {Only {count, plural, one {# event was} other {# events were}} checked}}: no hard bounce, spam complaint or unsubscribe {by} among them.',
  'contacts.verdict.partly': 'OK to contact {by} at {addresses}.',
  'contacts.block.HARD_BOUNCE':
    'Do not contact {hasAddress, select, yes {{address} } other {}}{by}: hard bounce on {last}{hasFirst, select, yes {, first on {first}} other {}}: {cause}{hasText, select, yes { (“{said}”)} other {}}.',
  'contacts.block.SPAM':
    'Do not contact {by}: marked as spam on {last}{hasFirst, select, yes {, first on {first}} other {}}{hasMessage, select, yes {, from {message}} other {}}.',
  'contacts.block.UNSUBSCRIBED':
    'Do not contact {by}: unsubscribed on {last}{hasFirst, select, yes {, first on {first}} other {}}{hasMessage, select, yes {, from {message}} other {}}.',
  'contacts.block.later': 'But a message was delivered on {time}, which does not lift the block.',
  'contacts.message': '“{name}” (message {id})',
  'contacts.message.named': '“{name}”',
  'contacts.message.id': 'message {id}',
  'contacts.message.none': 'without a name',
  'contacts.last': 'Last message: {message}, {steps}.',
  'contacts.last.none': 'No message on record.',

  'contacts.step.SENT': 'sent {time}',
  'contacts.step.DELIVERED': 'delivered {time}',
  'contacts.step.UNDELIVERED':
    'not delivered {time}{kind, select, hard { (permanent)} soft { (temporary)} other {}}: {cause}{hasText, select, yes { (“{said}”)} other {}}',
  'contacts.step.machine': 'opened by a machine, such as a mail scanner, {time}',
  'contacts.step.READ': 'read {time}{count, plural, one {} other { (# times)}}',
  'contacts.step.CLICKED': 'clicked {links, plural, one {a link} other {# links}} {time}',
  'contacts.step.link': 'clicked {link} {time}{count, plural, one {} other { (# times)}}',
  'contacts.step.SPAM': 'marked as spam {time}',
  'contacts.step.UNSUBSCRIBED': 'unsubscribed {time}',
  'contacts.step.silent': 'no delivery reported',
  'contacts.step.other': '{status} {time}{count, plural, one {} other { (# times)}}',

  'contacts.lastClicks': 'Last clicks',
  'contacts.aLink': 'a link',
  'contacts.times': '{time}{count, plural, one {} other { (# times)}}',
  'contacts.person': 'Addresses and IDs',
  'contacts.noAddresses': 'No addresses on record.',
  'contacts.someAddresses': 'Some addresses are not shown: there are many, or very long ones.',
  'contacts.moreAddresses': 'and {count} more',
  'contacts.export': 'Export everything (JSON)',
  'contacts.erase': 'Erase personal data…',
  'contacts.messages': 'Messages',
  'contacts.noMessages': 'No messages on record.',
  'contacts.noOlder': 'No older messages.',
  'contacts.noMessage': 'Not about a message',
  'contacts.older': 'Older messages',
  'contacts.newest': 'Newest messages',
  'contacts.event': 'View event',
  'contacts.allEvents': 'All events',
  'contacts.counts': 'Events by status',
  'contacts.counted':
    '{isSince, select, yes {Only events since {since} are counted.} other {Only {count, plural, one {# event is} other {# events are}} counted.}}',
} as const
