import type { ParameterName } from './parameters.ts'

/** The parameter with a contact's address in a channel, by `canonicalChannel`; other channels have none. */
export const ADDRESS_OF: Readonly<Record<string, ParameterName>> = {
  email: 'email',
  sms: 'sms',
  viber: 'sms',
  webpush: 'webpush',
  mobilepush: 'mobilepush',
  appinbox: 'mobilepush',
  inapp: 'mobilepush',
}
