/** A cause of bounces, in words for a marketer. */
export type Cause = {
  title: string
  meaning: string
  /** What to do about it. */
  advice: string
  /** Where its rules come from. */
  source: string
}

/** The causes of bounces by name. */
export const CAUSES = {
  mailboxUnknown: {
    title: 'Mailbox unknown',
    meaning: 'There is no such email address.',
    advice:
      'Stop writing to the address. If there are many, check where they come from: a form without confirmation, or an old or bought list.',
    source: 'RFC 3463 (X.1.1, X.1.3, X.1.4); replies of mail servers',
  },
  mailboxFull: {
    title: 'Mailbox full',
    meaning: 'The mailbox has no space left.',
    advice:
      'Nothing to do at first. If it stays full for weeks, nobody reads it: leave the contact out.',
    source: 'RFC 3463 (X.2.2); replies of mail servers',
  },
  mailboxInactive: {
    title: 'Mailbox inactive',
    meaning: 'The mailbox existed once, but is closed, blocked or unused.',
    advice: 'Stop writing to the address. Ask the contact for a new one in another channel.',
    source: 'RFC 3463 (X.1.6, X.2.1), RFC 7293 (X.7.17, X.7.18); replies of mail servers',
  },
  reputation: {
    title: 'Blocked by reputation',
    meaning:
      'The mailbox provider does not trust your domain or the sending server, for example because of complaints or a blocklist.',
    advice:
      'Send only to people who read you until it gets better, in smaller portions, and ask Yespo’s support whether the sending IP address is on a blocklist. See the spam complaints of your last campaigns.',
    source: 'Microsoft (5.7.511, 5.7.606–649), blocklists; replies of mail servers',
  },
  content: {
    title: 'Blocked by content',
    meaning: 'A filter took the message itself for spam, or found something dangerous in it.',
    advice:
      'Check the message’s text, links, images and attachments, send it to a mailbox of your own at this provider, and change what it rejects.',
    source: 'RFC 3463 (X.6.0 to X.6.3); replies of mail servers',
  },
  policy: {
    title: 'Blocked by policy',
    meaning: 'A rule of the recipient, their company or their provider does not allow the message.',
    advice:
      'Read the reasons below: many name the rule. If it is one company, ask its administrator to allow your domain.',
    source: 'RFC 3463 (X.7.1, X.7.2); replies of mail servers',
  },
  greylisted: {
    title: 'Greylisted',
    meaning: 'The server rejects a first attempt on principle, and accepts a later one.',
    advice: 'Nothing to do: it is sent again automatically.',
    source: 'RFC 6647; replies of mail servers',
  },
  dns: {
    title: 'Domain not found',
    meaning:
      'The domain of the address does not exist, or takes no email. (Seldom, it is the sender’s domain.)',
    advice:
      'Look for typing errors (gmial.com) and correct or remove these addresses. If many domains fail at once, check the DNS records of your own domain.',
    source: 'RFC 3463 (X.1.2, X.1.8, X.4.3), RFC 7505 (X.1.10); replies of mail servers',
  },
  timeout: {
    title: 'Server not available',
    meaning:
      'The recipient’s server could not be reached, was too busy, or did not respond in time.',
    advice:
      'Nothing to do at first. If one domain fails for days, its server is gone: remove its addresses.',
    source: 'RFC 3463 (X.3.2, X.4.1, X.4.2, X.4.5, X.4.7); replies of mail servers',
  },
  routing: {
    title: 'No route',
    meaning: 'The recipient’s mail system is set up wrong: the message goes in circles or nowhere.',
    advice:
      'Nothing to change in the message. If it lasts, remove the addresses, or tell the company’s administrator.',
    source: 'RFC 3463 (X.4.4, X.4.6); replies of mail servers',
  },
  relay: {
    title: 'Server not responsible',
    meaning: 'The server that the domain names takes no email for it.',
    advice:
      'The domain has moved or is given up: correct the address, or remove it if it fails again.',
    source: 'Microsoft (5.7.57, 5.7.64); replies of mail servers',
  },
  authentication: {
    title: 'Sender not authenticated',
    meaning: 'SPF, DKIM, DMARC or reverse DNS do not prove that the message is yours.',
    advice:
      'Have whoever runs your domain’s DNS check the SPF, DKIM and DMARC records that Yespo shows for it. Until then, every campaign suffers.',
    source: 'RFC 7372 (X.7.20 to X.7.26), RFC 8617 (X.7.29), Microsoft (5.7.509, 5.7.515)',
  },
  rateLimited: {
    title: 'Too much at once',
    meaning: 'More messages came in a short time than the recipient’s side takes.',
    advice:
      'It is sent again more slowly. If it happens often, spread campaigns over hours, and increase volume step by step.',
    source: 'RFC 3463 (X.5.3), X.7.28; SMPP 3.4; replies of mail servers, FCM and APNs',
  },
  messageTooLarge: {
    title: 'Message too large',
    meaning: 'The message is larger than the recipient’s side accepts.',
    advice: 'Make it smaller: link to images and files instead of attaching them.',
    source: 'RFC 3463 (X.2.3, X.3.4); FCM and APNs; SMPP 3.4',
  },
  pushTokenExpired: {
    title: 'Push token expired',
    meaning: 'The app was uninstalled, or the browser’s permission was withdrawn.',
    advice: 'Nothing to do: the token is of no use any more. Reach the contact in another channel.',
    source: 'FCM, APNs, RFC 8030 (404, 410)',
  },
  smsNotReachable: {
    title: 'Phone not reachable',
    meaning: 'The phone was off or out of reach until the message expired.',
    advice:
      'Try again another day. If it fails for weeks, the number is hardly used: leave the contact out.',
    source: '3GPP TS 29.002 (absent subscriber), SMPP 3.4 (EXPIRED)',
  },
  smsBarred: {
    title: 'Messages to the phone barred',
    meaning: 'The subscriber or the operator does not allow messages like this one.',
    advice: 'Stop writing to the number, or use another channel.',
    source: '3GPP TS 29.002 (call barred)',
  },
  smsUnknown: {
    title: 'Phone number unknown',
    meaning: 'The number is not in service, or not one of a mobile phone (or of Viber).',
    advice: 'Stop writing to the number, and ask the contact for a new one.',
    source: '3GPP TS 29.002 (unknown subscriber), SMPP 3.4 (ESME_RINVDSTADR)',
  },
  unknown: {
    title: 'Cause unknown',
    meaning: 'The text does not say why, or no rule knows it.',
    advice: 'Read the reasons below. If one is frequent, ask Yespo’s support about it.',
    source: '',
  },
} as const satisfies Record<string, Cause>

/** The name of a cause. */
export type CauseName = keyof typeof CAUSES

export const CAUSE_NAMES = Object.keys(CAUSES) as CauseName[] // one reasoned cast: its keys are those of the type

/** A stored name as a cause: `unknown` if it is none. */
export function toCauseName(name: string): CauseName {
  return CAUSE_NAMES.find((cause) => cause === name) ?? 'unknown'
}
