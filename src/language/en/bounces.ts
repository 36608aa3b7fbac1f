/** The bounces, and what their causes mean. */
export const bounces = {
  'bounces.total': 'Bounces',
  'bounces.total.note': 'undelivered messages',
  'bounces.hard': 'Hard',
  'bounces.hard.note': '{share}. Permanent: stop using these addresses',
  'bounces.soft': 'Soft',
  'bounces.soft.note': '{share}. Temporary: may succeed later',
  'bounces.share': 'Share',
  'bounces.causes': 'Causes',
  'bounces.byCause': 'Bounces by cause',
  'bounces.cause': 'Cause',
  'bounces.causes.note': 'All bounces of these hours, archived ones included.',
  'bounces.waiting':
    'Not counted yet: {hours, plural, one {# hour} other {# hours}} of this period.',
  'bounces.reasons': 'Reasons',
  'bounces.byReason': 'Bounces by reason',
  'bounces.reason': 'Reason',
  'bounces.noReason': 'No reason given',
  'bounces.reasons.others':
    '{count, plural, one {# more reason, which is rarer.} other {# more reasons, which are rarer.}}',
  'bounces.domains': 'Domains',
  'bounces.byDomain': 'Bounces by domain',
  'bounces.domain': 'Domain',
  'bounces.noDomain': '(no domain)',
  'bounces.domains.others':
    '{count, plural, one {# more domain, which has fewer.} other {# more domains, which have fewer.}}',
  'bounces.none': 'No bounces in this period.',
  'bounces.noneYet': 'No bounces in this period. <link>Show the last 30 days</link>',
  'bounces.providers': 'By mailbox provider',
  'bounces.campaigns': 'Campaigns with the highest rate of hard bounces',
  'bounces.tooMuch':
    'Too much data for one page: only the newest bounces are counted. Choose a shorter period.',
  'bounces.tooMuchSince':
    'Too much data for one page: only bounces since {time} are counted. Choose a shorter period.',
  'bounces.kind': 'Counted by',
  'bounces.name': 'Name',
  'bounces.advice': 'What to do',

  'cause.mailboxUnknown.title': 'Mailbox unknown',
  'cause.mailboxUnknown.meaning': 'There is no such email address.',
  'cause.mailboxUnknown.advice':
    'Stop writing to the address. If there are many, check where they come from: a form without confirmation, or an old or bought list.',
  'cause.mailboxFull.title': 'Mailbox full',
  'cause.mailboxFull.meaning': 'The mailbox has no space left.',
  'cause.mailboxFull.advice':
    'Nothing to do at first. If it stays full for weeks, nobody reads it: leave the contact out.',
  'cause.mailboxInactive.title': 'Mailbox inactive',
  'cause.mailboxInactive.meaning': 'The mailbox existed once, but is closed, blocked or unused.',
  'cause.mailboxInactive.advice':
    'Stop writing to the address. Ask the contact for a new one in another channel.',
  'cause.reputation.title': 'Blocked by reputation',
  'cause.reputation.meaning':
    'The mailbox provider does not trust your domain or the sending server, for example because of complaints or a blocklist.',
  'cause.reputation.advice':
    'Send only to people who read you until it gets better, in smaller portions, and ask Yespo’s support whether the sending IP address is on a blocklist. See the spam complaints of your last campaigns.',
  'cause.content.title': 'Blocked by content',
  'cause.content.meaning':
    'A filter took the message itself for spam, or found something dangerous in it.',
  'cause.content.advice':
    'Check the message’s text, links, images and attachments, send it to a mailbox of your own at this provider, and change what it rejects.',
  'cause.policy.title': 'Blocked by policy',
  'cause.policy.meaning':
    'A rule of the recipient, their company or their provider does not allow the message.',
  'cause.policy.advice':
    'The server’s reply often names the rule. If it is one company, ask its administrator to allow your domain.',
  'cause.greylisted.title': 'Greylisted',
  'cause.greylisted.meaning':
    'The server rejects a first attempt on principle, and accepts a later one.',
  'cause.greylisted.advice': 'Nothing to do: it is sent again automatically.',
  'cause.dns.title': 'Domain not found',
  'cause.dns.meaning':
    'The domain of the address does not exist, or takes no email. (Seldom, it is the sender’s domain.)',
  'cause.dns.advice':
    'Look for typing errors (gmial.com) and correct or remove these addresses. If many domains fail at once, check the DNS records of your own domain.',
  'cause.timeout.title': 'Server not available',
  'cause.timeout.meaning':
    'The recipient’s server could not be reached, was too busy, or did not respond in time.',
  'cause.timeout.advice':
    'Nothing to do at first. If one domain fails for days, its server is gone: remove its addresses.',
  'cause.routing.title': 'No route',
  'cause.routing.meaning':
    'The recipient’s mail system is set up wrong: the message goes in circles or nowhere.',
  'cause.routing.advice':
    'Nothing to change in the message. If it lasts, remove the addresses, or tell the company’s administrator.',
  'cause.relay.title': 'Server not responsible',
  'cause.relay.meaning': 'The server that the domain names takes no email for it.',
  'cause.relay.advice':
    'The domain has moved or is given up: correct the address, or remove it if it fails again.',
  'cause.authentication.title': 'Sender not authenticated',
  'cause.authentication.meaning':
    'SPF, DKIM, DMARC or reverse DNS do not prove that the message is yours.',
  'cause.authentication.advice':
    'Have whoever runs your domain’s DNS check the SPF, DKIM and DMARC records that Yespo shows for it. Until then, every campaign suffers.',
  'cause.rateLimited.title': 'Too much at once',
  'cause.rateLimited.meaning':
    'More messages came in a short time than the recipient’s side takes.',
  'cause.rateLimited.advice':
    'It is sent again more slowly. If it happens often, spread campaigns over hours, and increase volume step by step.',
  'cause.messageTooLarge.title': 'Message too large',
  'cause.messageTooLarge.meaning': 'The message is larger than the recipient’s side accepts.',
  'cause.messageTooLarge.advice':
    'Make it smaller: link to images and files instead of attaching them.',
  'cause.pushTokenExpired.title': 'Push token expired',
  'cause.pushTokenExpired.meaning':
    'The app was uninstalled, or the browser’s permission was withdrawn.',
  'cause.pushTokenExpired.advice':
    'Nothing to do: the token is of no use any more. Reach the contact in another channel.',
  'cause.smsNotReachable.title': 'Phone not reachable',
  'cause.smsNotReachable.meaning': 'The phone was off or out of reach until the message expired.',
  'cause.smsNotReachable.advice':
    'Try again another day. If it fails for weeks, the number is hardly used: leave the contact out.',
  'cause.smsBarred.title': 'Messages to the phone barred',
  'cause.smsBarred.meaning':
    'The subscriber or the operator does not allow messages like this one.',
  'cause.smsBarred.advice': 'Stop writing to the number, or use another channel.',
  'cause.smsUnknown.title': 'Phone number unknown',
  'cause.smsUnknown.meaning':
    'The number is not in service, or not one of a mobile phone (or of Viber).',
  'cause.smsUnknown.advice': 'Stop writing to the number, and ask the contact for a new one.',
  'cause.unknown.title': 'Cause unknown',
  'cause.unknown.meaning': 'The text does not say why, or no rule knows it.',
  'cause.unknown.advice': 'If this reply is frequent, ask Yespo’s support about it.',
} as const
