import type { Random } from '../random.ts'
import { drawByShare } from './chances.ts'
import type { Channel } from './channel.ts'

/** A way in which deliveries fail: what servers write, and what it means. */
export type Fault = {
  /** A name of `CAUSES`. */
  cause: string
  isHard: boolean
  /** Of the faults of a channel. */
  share: number
  texts: readonly string[]
}

const soft = (cause: string, share: number, ...texts: string[]): Fault => ({
  cause,
  isHard: false,
  share,
  texts,
})
const hard = (cause: string, share: number, ...texts: string[]): Fault => ({
  cause,
  isHard: true,
  share,
  texts,
})

/** The address does not exist: whoever has one like it fails at the first mail. */
export const UNKNOWN_MAILBOX = hard(
  'mailboxUnknown',
  12,
  "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550-5.1.1 unnecessary spaces. For more information, go to 550 5.1.1 https://support.google.com/mail/?p=NoSuchUser {id} - gsmtp",
  '5.1.1 (bad destination mailbox address: user unknown)',
  '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {email} not found by SMTP address lookup',
  '550 5.1.1 <{email}>: Recipient address rejected: User unknown in virtual mailbox table',
  "554 delivery error: dd This user doesn't have a yahoo.com account ({email}) [0] - mta4102.mail.example.com",
)

/** The domain does not exist. */
export const UNKNOWN_DOMAIN = hard(
  'dns',
  2,
  '5.1.2 (bad destination system: no such domain)',
  'Host or domain name not found. Name service error for name={domain} type=MX: Host not found',
)

/** The sender's address has a bad name. */
export const REPUTATION = soft(
  'reputation',
  8,
  "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors.",
  '550 5.7.606 Access denied, banned sending IP [{ip}]',
  '554 5.7.1 Service unavailable; Client host [{ip}] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/{ip}',
  '550-5.7.1 [{ip}] Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address. To best protect our users from spam, the message has been blocked. {id} - gsmtp',
)

const EMAIL: readonly Fault[] = [
  UNKNOWN_MAILBOX,
  UNKNOWN_DOMAIN,
  REPUTATION,
  soft(
    'mailboxFull',
    25,
    '452-4.2.2 The email account that you tried to reach is over quota. Please direct 452-4.2.2 the recipient to 452 4.2.2 https://support.google.com/mail/?p=OverQuotaTemp {id} - gsmtp',
    '4.2.2 mailbox full',
    '552 5.2.2 <{email}>: user is over quota',
  ),
  hard(
    'mailboxInactive',
    6,
    '550-5.2.1 The email account that you tried to reach is disabled. For more information, go to 550 5.2.1 https://support.google.com/mail/?p=DisabledUser {id} - gsmtp',
    '554 30 Sorry, your message to {email} cannot be delivered. This mailbox is disabled (554.30).',
  ),
  soft(
    'content',
    5,
    '550-5.7.1 [{ip} 12] Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked. {id} - gsmtp',
    '550 5.7.1 Message rejected as spam by Content Filtering.',
    '554 5.7.1 Spam message rejected',
  ),
  soft(
    'policy',
    4,
    '550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy',
    '550 5.7.1 Message rejected due to local policy',
  ),
  soft(
    'greylisted',
    8,
    '450 4.2.0 <{email}>: Recipient address rejected: Greylisted, see http://postgrey.example.com/help',
    '451 4.7.1 Greylisting in action, please come back later',
  ),
  soft(
    'timeout',
    7,
    'delivery temporarily suspended: connect to mx.{domain}[{ip}]:25: Connection timed out',
    '421 4.4.2 Connection timed out',
  ),
  soft('routing', 1, '554 5.4.6 Hop count exceeded - possible mail loop'),
  soft(
    'relay',
    2,
    '554 5.7.1 <{email}>: Relay access denied',
    '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
  ),
  soft(
    'authentication',
    2,
    '550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. {id} - gsmtp',
    '550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification and has a DMARC policy of reject.',
  ),
  soft(
    'rateLimited',
    5,
    '421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address [{ip}]. To protect our users from spam, mail sent from your IP address has been temporarily rate limited. {id} - gsmtp',
    '452-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered. {id} - gsmtp',
  ),
  soft('messageTooLarge', 1, '552 5.3.4 Message size exceeds fixed maximum message size'),
  soft('unknown', 2, '5.0.0 (undefined status)'),
]

const PUSH: readonly Fault[] = [
  hard('pushTokenExpired', 1, 'NotRegistered', 'Unregistered', 'BadDeviceToken'),
]

const FAULTS: Readonly<Record<Channel, readonly Fault[]>> = {
  email: EMAIL,
  mobilepush: PUSH,
  webpush: [
    hard('pushTokenExpired', 1, '410 Gone: push subscription has unsubscribed or expired.'),
  ],
  sms: [
    soft('smsNotReachable', 12, 'Absent subscriber', 'Абонент недоступний'),
    soft('smsBarred', 2, 'Call barred by operator'),
    hard('smsUnknown', 3, 'Unknown subscriber', 'Номер не обслуговується'),
  ],
  viber: [soft('unknown', 1, '401: null')],
}

/** Draws why a delivery failed. */
export function drawFault(random: Random, channel: Channel): Fault {
  return drawByShare(random, FAULTS[channel])
}

/** The server's text for one address: an IP address of the documentation, and an ID that never repeats. */
export function writeFault(random: Random, { texts }: Fault, email: string): string {
  const values: Readonly<Record<string, string>> = {
    id: `${random.hex(8)}si${random.between(100_000, 999_999)}eje.${random.between(10, 99)}`,
    ip: `203.0.113.${random.between(1, 254)}`,
    email,
    domain: email.slice(email.indexOf('@') + 1),
  }
  return random.pick(texts).replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
}
