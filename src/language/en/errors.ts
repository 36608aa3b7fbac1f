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
} as const
