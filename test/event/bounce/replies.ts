import type { CauseName } from '../../../src/event/bounce/causes.ts'

/** A text of a server or gateway, its channel, and the cause that a person who knows it names. */
export type Reply = [cause: CauseName, text: string, mediaType?: string]

/** Replies of mail servers. */
export const EMAIL: readonly Reply[] = [
  // Gmail
  [
    'mailboxUnknown',
    "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550-5.1.1 double-checking the recipient's email address for typos or\r\n550-5.1.1 unnecessary spaces. 550 5.1.1 https://support.example.com/?p=NoSuchUser a1si20 - gsmtp",
  ],
  [
    'mailboxUnknown',
    'smtp;550-5.1.1 The email account that you tried to reach does 550-5.1.1 not exist. gsmtp',
  ],
  [
    'mailboxInactive',
    '550 5.2.1 The email account that you tried to reach is disabled. a1si20 - gsmtp',
  ],
  [
    'mailboxInactive',
    '550 5.2.1 The email account that you tried to reach is inactive. https://support.example.com - gsmtp',
  ],
  [
    'mailboxFull',
    '452-4.2.2 The email account that you tried to reach is over quota. Please direct 452-4.2.2 the recipient to 452 4.2.2 https://support.example.com/?p=OverQuotaTemp - gsmtp',
  ],
  [
    'mailboxFull',
    "552-5.2.2 The recipient's inbox is out of storage space. 552 5.2.2 Please direct the recipient to https://support.example.com - gsmtp",
  ],
  [
    'rateLimited',
    '450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time. - gsmtp',
  ],
  [
    'rateLimited',
    '450-4.2.1 The user you are trying to contact is receiving mail at a rate that 450-4.2.1 prevents additional messages from being delivered. - gsmtp',
  ],
  [
    'reputation',
    '421-4.7.0 [192.0.2.1] Our system has detected that this message is suspicious due to the very low reputation of the sending domain. 421 4.7.0 - gsmtp',
  ],
  [
    'reputation',
    '550-5.7.1 [192.0.2.1] Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address. - gsmtp',
  ],
  [
    'content',
    '550-5.7.1 [192.0.2.1] Our system has detected that this message is 550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail, 550-5.7.1 this message has been blocked. - gsmtp',
  ],
  [
    'content',
    '552-5.7.0 This message was blocked because its content presents a potential 552-5.7.0 security issue. - gsmtp',
  ],
  [
    'content',
    '421-4.7.0 This message is suspicious due to the nature of the content and/or the links within. - gsmtp',
  ],
  [
    'authentication',
    '550-5.7.26 This mail has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp',
  ],
  [
    'authentication',
    "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy. - gsmtp",
  ],
  [
    'authentication',
    '550-5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup - gsmtp',
  ],
  [
    'authentication',
    '421-4.7.27 Your email has been rate limited because SPF authentication didn’t pass for this message. - gsmtp',
  ],
  ['policy', '550 5.7.1 This message violates example.com email policy. - gcdp a1b2 - gsmtp'],
  ['timeout', '421 4.3.0 Temporary System Problem. Try again later (1). a1si20 - gsmtp'],
  ['timeout', '421 4.4.5 Server busy, try again later. a1si20 - gsmtp'],
  [
    'messageTooLarge',
    "552-5.3.4 Your message exceeded Google's message size limits. Please visit 552 5.3.4 https://support.example.com - gsmtp",
  ],
  ['routing', '554 5.4.6 Message exceeded 50 hops, this may indicate a mail loop. - gsmtp'],
  ['relay', '550 5.7.1 Mail relay denied [192.0.2.1]. Invalid credentials for relay - gsmtp'],
  // Outlook and Exchange
  [
    'mailboxUnknown',
    '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [AM6.eop.example.com 2026-11-27T10:00:00.000Z 08DC]',
  ],
  [
    'mailboxUnknown',
    '550 5.4.1 Recipient address rejected: Access denied. [AM6.prod.protection.example.com]',
  ],
  [
    'mailboxUnknown',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ivan@example.com not found by SMTP address lookup',
  ],
  ['mailboxUnknown', '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'],
  [
    'reputation',
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
  ],
  ['reputation', '550 SC-001 (BAY004-MC4F49) Unfortunately, messages from 192.0.2.1 were not sent'],
  [
    'reputation',
    '550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.example.com',
  ],
  ['reputation', '550 5.7.511 Access denied, banned sender[192.0.2.1].'],
  [
    'reputation',
    '421 RP-001 (COL004-MC1F15) Unfortunately, some messages from 192.0.2.1 weren’t sent. Please try again. We have limits for how many messages can be sent per hour and per day.',
  ],
  [
    'reputation',
    '451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)',
  ],
  [
    'authentication',
    '550 5.7.509 Access denied, sending domain example.com does not pass DMARC verification and has a DMARC policy of reject.',
  ],
  [
    'authentication',
    '550 5.7.515 Access denied, sending domain example.com does not meet the required authentication level.',
  ],
  [
    'mailboxFull',
    '554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded',
  ],
  ['mailboxFull', '550 5.2.2 STOREDRV.Deliver; mailbox full'],
  [
    'policy',
    '550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy',
  ],
  [
    'policy',
    '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; sender not allowed',
  ],
  ['relay', '550 5.7.64 TenantAttribution; Relay Access Denied [AM6.example.com]'],
  ['relay', '550 5.7.1 Unable to relay for ivan@example.com'],
  ['dns', '550 5.4.310 DNS domain example.com does not exist [Message=InfoDomainNonexistent]'],
  ['timeout', '450 4.4.316 Connection refused [Message=Socket error code 10061]'],
  ['timeout', '550 5.4.300 Message expired -> 421 4.4.1 Connection timed out'],
  ['routing', '550 5.4.14 Hop count exceeded - possible mail loop ATTR34'],
  [
    'messageTooLarge',
    '550 5.3.4 ROUTING.SizeLimit; message size exceeds fixed maximum size for route',
  ],
  [
    'messageTooLarge',
    '550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient',
  ],
  [
    'content',
    '550 5.7.512 Access denied, message must be RFC 5322 section 3.6.2 compliant: not RFC 5322 compliant',
  ],
  ['mailboxInactive', '550 5.2.1 STOREDRV.Deliver; mailbox disabled, not accepting messages'],
  [
    'rateLimited',
    '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded; too many concurrent connections',
  ],
  ['policy', '554 5.7.105 SenderFilterConfig; message was rejected by filter on the sender'],
  // Yahoo and AOL
  [
    'mailboxUnknown',
    "554 delivery error: dd This user doesn't have a yahoo.com account (ivan@example.com) [0] - mta1.mail.example.com",
  ],
  ['mailboxUnknown', '554 delivery error: dd Not a valid recipient - atlas1.free.mail.example.com'],
  [
    'mailboxInactive',
    '554 delivery error: dd Sorry your message to ivan@example.com cannot be delivered. This account has been disabled or discontinued [#102].',
  ],
  [
    'mailboxFull',
    '554 delivery error: dd Requested mail action aborted: exceeded storage allocation - mta1.mail.example.com',
  ],
  ['mailboxFull', '552 1 Requested mail action aborted, mailbox not available: mailbox is full'],
  [
    'reputation',
    '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.example.com/error-codes',
  ],
  [
    'reputation',
    '553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus’s list',
  ],
  [
    'authentication',
    '554 5.7.9 Message not accepted for policy reasons. DMARC; see https://postmaster.example.com/error-codes',
  ],
  [
    'policy',
    '554 5.7.9 Message not accepted for policy reasons. See https://postmaster.example.com/error-codes',
  ],
  ['rateLimited', '421 4.7.1 Too many connections from your IP; please try again later'],
  // iCloud
  ['mailboxInactive', '550 5.1.1 <ivan@example.com>: inactive email address'],
  ['mailboxUnknown', '550 5.1.1 <ivan@example.com>: user does not exist'],
  ['mailboxFull', '552 5.2.2 <ivan@example.com>: user is over quota'],
  [
    'content',
    '554 5.7.1 [HM08] Message rejected due to local policy: spam content. Please visit https://support.example.com',
  ],
  [
    'policy',
    '554 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.example.com',
  ],
  // ukr.net, i.ua, mail.ru, Yandex
  ['mailboxUnknown', '550 5.1.1 User not found: ivan@example.com'],
  [
    'mailboxUnknown',
    '550 Message was not accepted -- invalid mailbox.  Local mailbox ivan@example.com is unavailable: user not found',
  ],
  [
    'mailboxInactive',
    '550 Message was not accepted -- invalid mailbox.  Local mailbox ivan@example.com is unavailable: user is terminated',
  ],
  [
    'mailboxInactive',
    '550 Message was not accepted -- invalid mailbox.  Local mailbox ivan@example.com is unavailable: account is disabled',
  ],
  [
    'content',
    '550 spam message rejected. Please visit http://help.example.com/notspam-support/id?c=x or report details to abuse@example.com. Error code: 0A1B. ID: 01.',
  ],
  ['mailboxFull', '452 4.2.2 Mailbox full: ivan@example.com'],
  ['mailboxInactive', '550 5.7.1 Policy rejection on the target address: mailbox is blocked'],
  ['mailboxUnknown', '550 5.7.1 No such user!'],
  [
    'content',
    '554 5.7.1 [1] Message rejected under suspicion of SPAM; https://ya.example.com/1-id',
  ],
  ['mailboxUnknown', '550 Такого пользователя не существует'],
  ['mailboxFull', '552 Почтовый ящик переполнен'],
  ['mailboxInactive', '550 Поштову скриньку заблоковано'],
  // Postfix
  [
    'mailboxUnknown',
    '550 5.1.1 <ivan@example.com>: Recipient address rejected: User unknown in virtual mailbox table',
  ],
  [
    'mailboxUnknown',
    'host mx.example.com[192.0.2.7] said: 550 5.1.1 <ivan@example.com>: Recipient address rejected: User unknown in local recipient table (in reply to RCPT TO command)',
  ],
  ['mailboxUnknown', 'unknown user: "ivan"'],
  [
    'greylisted',
    '450 4.2.0 <ivan@example.com>: Recipient address rejected: Greylisted, see http://postgrey.example.com/help/example.com.html',
  ],
  [
    'reputation',
    '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1',
  ],
  ['relay', '554 5.7.1 <ivan@example.com>: Relay access denied'],
  [
    'authentication',
    '450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]',
  ],
  ['dns', '450 4.1.8 <news@example.com>: Sender address rejected: Domain not found'],
  [
    'dns',
    'Host or domain name not found. Name service error for name=example.com type=A: Host not found',
  ],
  ['dns', 'Domain example.com does not accept mail (nullMX)'],
  ['timeout', 'connect to mx.example.com[192.0.2.1]:25: Connection timed out'],
  ['timeout', 'connect to mx.example.com[192.0.2.1]:25: Connection refused'],
  [
    'timeout',
    'delivery temporarily suspended: connect to mx.example.com[192.0.2.1]:25: Connection refused',
  ],
  [
    'timeout',
    'lost connection with mx.example.com[192.0.2.1] while receiving the initial server greeting',
  ],
  ['routing', 'connect to mx.example.com[192.0.2.1]:25: No route to host'],
  ['routing', 'mail for example.com loops back to myself'],
  ['routing', '554 5.4.0 Error: too many hops'],
  ['messageTooLarge', '552 5.3.4 Message size exceeds fixed limit'],
  [
    'messageTooLarge',
    'message size 31000000 exceeds size limit 10240000 of server mx.example.com[192.0.2.1]',
  ],
  ['rateLimited', '450 4.7.1 Error: too much mail from 192.0.2.1'],
  ['rateLimited', '421 4.7.0 mx.example.com Error: too many connections from 192.0.2.1'],
  ['timeout', '452 4.3.1 Insufficient system storage'],
  ['policy', '554 5.7.1 <ivan@example.com>: Recipient address rejected: Access denied'],
  ['mailboxFull', 'maildir delivery failed: error writing message: Disk quota exceeded'],
  ['content', '554 5.7.1 Spam message rejected'],
  ['content', '550 5.7.1 Message content rejected, id=01234-01 - INFECTED: Eicar-Test-Signature'],
  // Exim
  [
    'mailboxUnknown',
    'SMTP error from remote mail server after RCPT TO:<ivan@example.com>: host mx.example.com [192.0.2.1]: 550 No Such User Here',
  ],
  ['mailboxUnknown', '550 Unknown user'],
  [
    'policy',
    '550-Verification failed for <news@example.com> 550-No Such User Here 550 Sender verify failed',
  ],
  ['dns', 'Unrouteable mail domain "example.com"'],
  ['routing', 'Unrouteable address'],
  ['timeout', 'retry timeout exceeded'],
  ['relay', '550 relay not permitted'],
  ['relay', '550 Relaying not allowed - please use SMTP AUTH'],
  ['greylisted', '451 Temporarily greylisted, please try again later'],
  ['content', '550 This message was classified as SPAM and may not be delivered'],
  [
    'mailboxFull',
    'mailbox is full (MTA-imposed quota exceeded while writing to file /home/vmail): quota exceeded',
  ],
  ['routing', 'lowest numbered MX record points to local host'],
  // sendmail, qmail, Domino, Courier, PowerMTA and others
  ['mailboxUnknown', '550 5.1.1 <ivan@example.com>... User unknown'],
  ['mailboxUnknown', 'Sorry, no mailbox here by that name. (#5.1.1)'],
  ['mailboxUnknown', '550 ivan@example.com... No such user'],
  ['mailboxUnknown', 'User ivan (ivan@example.com) not listed in Domino Directory'],
  [
    'mailboxUnknown',
    '5.1.1 (bad destination mailbox address)smtp;550 5.1.1 unknown or illegal alias: ivan@example.com',
  ],
  ['mailboxUnknown', '550 #5.1.0 Address rejected: unknown recipient'],
  ['mailboxUnknown', '550 5.1.1 Mailbox does not exist'],
  ['mailboxUnknown', '553 5.1.3 syntactically invalid address'],
  ['mailboxUnknown', '550 Invalid recipient <ivan@example.com> (#5.1.1)'],
  ['dns', '5.1.2 (bad destination system: no such domain)'],
  ['dns', "Sorry, I couldn't find any host named example.com. (#5.1.2)"],
  [
    'dns',
    '550 5.1.2 <ivan@example.com>... Host unknown (Name server: example.com: host not found)',
  ],
  ['dns', '4.4.3 (directory server failure)smtp;unable to resolve example.com'],
  ['dns', '556 5.1.10 Recipient address has null MX'],
  ['timeout', '4.4.1 (no answer from host)'],
  ['timeout', '4.4.7 (delivery time expired)'],
  ['timeout', '4.4.2 (bad connection)smtp;connection dropped'],
  ['timeout', "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)"],
  ['mailboxFull', '4.2.2 (mailbox full)smtp;452 4.2.2 Over quota'],
  ['mailboxFull', '5.2.2'],
  ['mailboxUnknown', '5.1.1'],
  ['messageTooLarge', '5.3.4 (message too big for system)'],
  ['relay', '553 sorry, that domain isn’t in my list of allowed rcpthosts (#5.7.1)'],
  ['relay', '550 5.7.1 <ivan@example.com>... Relaying denied. Proper authentication required.'],
  ['policy', '5.7.1 (delivery not authorized)'],
  ['mailboxInactive', '550 5.1.1 The recipient no longer works here'],
  ['mailboxInactive', '550 5.7.1 mailbox ivan@example.com is blocked for inactivity'],
  ['mailboxInactive', '551 5.1.6 Recipient has moved, mailbox address no longer valid'],
  // Gateways and filters
  ['reputation', '554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1'],
  [
    'reputation',
    '554-mx.example.com Your access to this mail system has been rejected due to the sending MTA’s poor reputation.',
  ],
  ['reputation', '550 192.0.2.1 is in a black list at sbl-xbl.example.org'],
  ['reputation', '550 Rejected: 192.0.2.1 is listed at bl.example.net'],
  ['reputation', '550 5.7.1 Your IP address has been blocked. Contact your administrator'],
  ['reputation', '554 5.7.1 The server sending your mail [192.0.2.1] is on the RBL list'],
  ['authentication', '550 Rejected by header based Anti-Spoofing policy: news@example.com'],
  [
    'authentication',
    '550 5.7.23 The message was rejected because of Sender Policy Framework violation',
  ],
  ['authentication', '550 5.7.20 No passing DKIM signature found'],
  ['content', '554 5.6.0 Message contains a virus (Eicar)'],
  ['content', '550 5.7.1 Your message looks like spam to us'],
  ['content', '554 rejected due to spam score 9.1'],
  ['content', '550 Attachments of type .exe are not permitted'],
  ['policy', '550 Administrative prohibition'],
  ['policy', '550 5.7.1 Blacklisted by recipient'],
  ['greylisted', '451 4.7.1 Greylisting in action, please come back later'],
  ['greylisted', '450 4.7.1 Graylisted. Retry in 300 seconds'],
]

/** Texts of SMS gateways, Viber and push services. */
export const OTHERS: readonly Reply[] = [
  [
    'smsNotReachable',
    'id:1234 sub:001 dlvrd:000 submit date:2611271030 done date:2611281031 stat:EXPIRED err:002 text:Ваш номер заблоковано',
    'sms',
  ],
  ['smsNotReachable', 'EXPIRED', 'sms'],
  ['smsNotReachable', 'ABSENT SUBSCRIBER', 'sms'],
  ['smsNotReachable', 'EC_ABSENT_SUBSCRIBER', 'sms'],
  ['smsNotReachable', 'Error 30003: Unreachable destination handset', 'sms'],
  ['smsNotReachable', 'Абонент поза зоною дії мережі', 'sms'],
  ['smsNotReachable', 'Абонент недоступен или вне зоны действия сети', 'sms'],
  ['smsNotReachable', 'Телефон вимкнено', 'sms'],
  ['smsNotReachable', 'Прострочено: термін дії повідомлення минув', 'sms'],
  ['smsNotReachable', 'Просрочено', 'SMS'],
  ['smsNotReachable', 'Message validity period expired', 'viber'],
  ['smsBarred', 'CALL BARRED', 'sms'],
  ['smsBarred', 'EC_CALL_BARRED', 'sms'],
  ['smsBarred', 'Number is in the operator blacklist', 'sms'],
  ['smsBarred', 'Номер у чорному списку', 'sms'],
  ['smsBarred', 'Номер в стоп-листе', 'sms'],
  ['smsBarred', 'Абонент заблокирован оператором', 'sms'],
  ['smsBarred', 'Teleservice not provisioned', 'sms'],
  ['smsBarred', 'User blocked this sender: USER_BLOCKED', 'viber'],
  ['smsUnknown', 'UNKNOWN SUBSCRIBER', 'sms'],
  ['smsUnknown', 'EC_UNKNOWN_SUBSCRIBER', 'sms'],
  ['smsUnknown', 'Error 30005: Unknown destination handset', 'sms'],
  ['smsUnknown', 'ESME_RINVDSTADR (0x0000000B): 380501234567', 'sms'],
  ['smsUnknown', 'Номер не обслуговується', 'sms'],
  ['smsUnknown', 'Номер не обслуживается', 'sms'],
  ['smsUnknown', 'Неіснуючий номер', 'sms'],
  ['smsUnknown', 'Неверный номер телефона', 'sms'],
  ['smsUnknown', 'Invalid phone number', 'sms'],
  ['smsUnknown', 'NOT_VIBER_USER', 'Viber'],
  ['smsUnknown', 'Абонент не є користувачем Viber', 'viber'],
  ['rateLimited', 'ESME_RTHROTTLED (0x00000058)', 'sms'],
  [
    'pushTokenExpired',
    '{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND","details":[{"errorCode":"UNREGISTERED"}]}}',
    'mobilepush',
  ],
  ['pushTokenExpired', 'NotRegistered', 'Mobile Push'],
  ['pushTokenExpired', 'InvalidRegistration', 'mobilepush'],
  ['pushTokenExpired', 'BadDeviceToken', 'mobilepush'],
  ['pushTokenExpired', '410 {"reason":"Unregistered","timestamp":1764151200000}', 'mobilepush'],
  [
    'pushTokenExpired',
    'The registration token is not a valid FCM registration token',
    'mobilepush',
  ],
  ['pushTokenExpired', '410: push subscription has unsubscribed or expired.', 'webpush'],
  ['pushTokenExpired', '410 Gone', 'webpush'],
  ['pushTokenExpired', '404: null', 'webpush'],
  ['messageTooLarge', '413 {"reason":"PayloadTooLarge"}', 'mobilepush'],
  ['rateLimited', '429 {"reason":"TooManyRequests"}', 'mobilepush'],
  ['rateLimited', 'DeviceMessageRateExceeded', 'mobilepush'],
  ['timeout', '503 {"reason":"ServiceUnavailable"}', 'mobilepush'],
]

/** Texts that do not say why. */
export const UNKNOWN: readonly Reply[] = [
  ['unknown', '401: null', 'webpush'],
  ['unknown', '403 Forbidden', 'webpush'],
  ['unknown', 'MismatchSenderId', 'mobilepush'],
  ['unknown', 'THIRD_PARTY_AUTH_ERROR', 'mobilepush'],
  ['unknown', 'DeviceTokenNotForTopic', 'mobilepush'],
  ['unknown', 'UNDELIV', 'sms'],
  ['unknown', 'REJECTD', 'sms'],
  ['unknown', 'id:1 sub:001 dlvrd:000 stat:UNDELIV err:045 text:Абонент недоступний', 'sms'],
  ['unknown', 'Не доставлено', 'sms'],
  ['unknown', 'Error 30008', 'sms'],
  ['unknown', 'Unknown error', 'sms'],
  ['unknown', 'null', 'email'],
  ['unknown', '…', 'email'],
  ['unknown', 'Bounced', 'email'],
  ['unknown', '550', 'email'],
  ['unknown', '554 Transaction failed', 'email'],
  ['unknown', '5.0.0 (undefined status)', 'email'],
  ['unknown', '4.7.0 (other or undefined security status)', 'email'],
  ['unknown', '5.5.0 (other or undefined protocol status)', 'email'],
  ['unknown', '550 Rejected', 'email'],
  ['unknown', '421', 'email'],
  ['unknown', '451 Please try again later', 'email'],
  ['unknown', '503 Bad sequence of commands', 'email'],
  ['unknown', '550 5.5.1 Protocol error', 'email'],
  [
    'unknown',
    'host mx.example.com[192.0.2.1] said: 554 Error (in reply to end of DATA command)',
    'email',
  ],
  ['unknown', 'Delivery failed', 'email'],
  ['unknown', 'Помилка', 'email'],
  ['unknown', 'Message to disk-full@example.com and spam@example.com was not delivered', 'email'],
  ['unknown', 'v5.1.1-rc1 of our software says no', 'email'],
  ['unknown', '450 Requested action not taken: mailbox unavailable', 'email'],
]
