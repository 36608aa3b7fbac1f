/** The channels that the shop uses. */
export type Channel = 'email' | 'sms' | 'viber' | 'mobilepush' | 'webpush'
