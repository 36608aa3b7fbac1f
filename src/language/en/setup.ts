/** How to set up the webhook in Yespo. */
export const setup = {
  'setup.title': 'Connect Yespo',
  'setup.waiting': 'Waiting for the first event…',
  'setup.arrived': '✓ The first event has arrived. <link>See it</link>',
  'setup.rejecting': '{error} Until this is fixed, every request from Yespo is rejected.',
  'setup.open':
    'In Yespo, open <b>Account settings → Data export → New data export → Webhook</b> and fill in:',
  'setup.copy': 'Copy {name}',
  'setup.on': 'on',
  'setup.off': 'off',
  'setup.password':
    'the secret WEBHOOK_PASSWORD: what you entered for the Deploy button, or from .deploy.vars (.dev.vars of a local receiver)',
  'setup.noHeaders': 'none',
  'setup.headers': 'from the secret WEBHOOK_HEADERS:',
  'setup.all': 'all',
  'setup.test':
    'Then press <b>Send test → Submit</b>: Yespo shows a green banner with code 200, and this page turns green. Save the webhook after that.',
  'setup.without':
    'No Yespo at hand? <code>npm run send-test</code> sends sample events to this receiver.',
} as const
