/** Texts of erasures. */
export const erasure = {
  'erasure.title': 'Erase personal data of contact {id}?',
  'erasure.irrevocable': 'This cannot be undone.',
  'erasure.unknown':
    'There is no contact with this ID. If only the archive or the quarantine mentions it, use DELETE /contacts/[contactId] of the API.',
  'erasure.goes': 'Will be erased',
  'erasure.goes.events':
    '{isMore, select, yes {more than {count, plural, one {# event} other {# events}}} other {{count, plural, one {# event} other {# events}}}} so far, those in the archive, and events without a contact ID that carry one of the addresses or IDs above',
  'erasure.goes.addresses': 'addresses, customer IDs and delivery records',
  'erasure.goes.items': 'quarantined items that mention the contact',
  'erasure.goes.late': 'events up to now that are still on their way or are sent again later',
  'erasure.stays': 'Will be kept',
  'erasure.stays.totals':
    'anonymous totals: how many messages were sent, delivered, read and so on',
  'erasure.stays.others': 'other contacts, including those that share an address',
  'erasure.stays.yespo': 'the contact in Yespo, which does not change',
  'erasure.future':
    'Events that happen from now on are stored again. To prevent that, delete the contact in Yespo first.',
  'erasure.keep': 'Keep this contact’s suppressions',
  'erasure.keep.note':
    'If the contact bounced, complained or unsubscribed, the address stays on the suppression list, so that it is not written to again. Tick this only if the law lets you keep it; otherwise it is erased, too.',
  'erasure.word': 'erase',
  'erasure.confirm': 'To confirm, type “{word}”:',
  'erasure.wrongWord': 'Nothing was erased: type “{word}” to confirm.',
  'erasure.button': 'Erase permanently',

  'erasure.list': 'Erasures',
  'erasure.none': 'No one has been erased yet.',
  'erasure.noOlder': 'No older erasures.',
  'erasure.older': 'Older',
  'erasure.row':
    '<link>Erasure {number}</link>, requested {time}: {state, select, finished {finished} other {in progress}}',
  'erasure.anonymous': 'We do not keep who they were. Times: {zone}.',
  'erasure.one': 'Erasure {number}',
  'erasure.notFound': 'There is no erasure with this number.',
  'erasure.finished':
    'Finished {time}, requested {requested}. Events from before the request are not stored again; later ones are.',
  'erasure.running':
    'In progress since {requested}. It continues by itself in the background; you need not do anything. Events from before the request are no longer stored.',
  'erasure.requestedAt': 'Requested',
  'erasure.finishedAt': 'Finished',
  'erasure.refresh': 'Refresh',
  'erasure.erased': 'Erased',
  'erasure.erasedSoFar': 'Erased so far',
  'erasure.activity': 'Events',
  'erasure.archived': 'Events in the archive',
  'erasure.identifiers': 'Addresses and IDs',
  'erasure.suppressions': 'Suppressions',
  'erasure.quarantineParts': 'Quarantine records',
  'erasure.proof': 'Proof number',
  'erasure.proof.note':
    'We do not keep who it was. Keep this number as proof of erasure. Times: {zone}.',
  'erasure.all': 'All erasures',

  'erasure.check': 'Is nothing left?',
  'erasure.check.help':
    'Searches everything that is stored for anyone who was erased. Changes nothing.',
  'erasure.check.start': 'Check now',
  'erasure.check.again': 'Check again',
  'erasure.check.continue': 'Continue',
  'erasure.searched':
    '{contacts, plural, one {# contact} other {# contacts}}, the engagement of {engagement, number}, {eventsWithoutContact, plural, one {# event} other {# events}} without a contact, {suppressions, plural, one {# suppression} other {# suppressions}}, {quarantinedItems, plural, one {# quarantined item} other {# quarantined items}}, {archivedEvents, plural, one {# archived event} other {# archived events}}',
  'erasure.check.soFar': 'Searched so far: {list}.',
  'erasure.check.clean': 'Nothing is left of anyone who was erased. Searched: {list}.',
  'erasure.check.left':
    '{count, plural, one {# record is} other {# records are}} left of someone who was erased. Searched: {list}.',
  'erasure.check.left.help':
    'This may happen after the database was restored. Repeat the erasures: POST /erasures/again of the API, or npm run erase-again.',
  'erasure.check.running':
    '{count, plural, one {# erasure is} other {# erasures are}} still in progress: what they will delete may be found.',
} as const
