/** Texts of the search and of a contact. */
export const contacts = {
  'contacts.search': 'Search',
  'contacts.search.help':
    'Search by email, phone, contact ID or customer ID, or by part of an address, to see every message this person was sent. Campaigns are found by ID or part of the name.',
  'contacts.search.label': 'Email, phone, ID or campaign',
  'contacts.search.find': 'Find',
  'contacts.search.results': 'Search results',
  'contacts.search.contacts': '{count, plural, one {# contact} other {# contacts}}',
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
} as const
