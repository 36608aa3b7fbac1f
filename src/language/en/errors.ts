/** What went wrong, and what to do. */
export const errors = {
  'error.title': 'Something went wrong',
  'error.title.form': 'Check what you entered',
  'error.title.not_found': 'Not found',
  'error.title.method_not_allowed': 'Not supported',
  'error.title.forbidden': 'Not allowed',
  'error.title.database_not_migrated': 'The database is not migrated',
  'error.title.daily_limit_reached': 'Daily limit reached',
  'error.back': 'Back to overview',
  'error.page': 'This page does not exist.',
  'error.reversedPeriod': '“From” must be earlier than “to”.',
  'error.readOnly': 'You are signed in read-only. Sign in with OPERATE_TOKEN to make changes.',
  'error.noForm': 'This is not a form. Use the buttons on the page.',
  'error.longForm': 'This form is too long.',
  'error.foreignForm': 'This form was not sent from a page of this receiver.',
  'error.access_required':
    'Sign in with Cloudflare Access: open this receiver at the address that Access protects.',
  'error.access_expired':
    'Your sign-in with Cloudflare Access has expired. Reload this page to sign in again.',
  'error.access_other_application':
    'This sign-in is for another application of Cloudflare Access. Check the setting ACCESS_AUDIENCE.',
  'error.access_other_team':
    'This sign-in is from another team of Cloudflare Access. Check the setting ACCESS_TEAM_DOMAIN.',
  'error.access_invalid': 'This sign-in is not from Cloudflare Access.',
  'error.access_unavailable':
    'The keys of Cloudflare Access could not be loaded, so no sign-in can be checked. Try again in a moment. If this persists, check the setting ACCESS_TEAM_DOMAIN.',
  'error.access_read_only':
    'Your account may only read. To make changes, it must be in the setting ACCESS_OPERATOR_GROUPS, or in a group there.',
} as const
