/** Alerts, which are posted and on the status page. */
export const alerts = {
  'alerts.summary': 'Yespo receiver: {started, number} new, {ended, number} resolved.',
  'alerts.resolved': 'Resolved (since {time}): {message}',
  'alerts.moreLines':
    '… and {count, plural, one {# more line} other {# more lines}}: see /status on the dashboard.',

  'alerts.plain': '{text}',
  'alerts.unsent':
    'Alerts could not be posted to ALERT_URL. Every check tries again. Check the URL; the Worker’s log has the status that it responded with.',
  'alerts.schedule':
    'The scheduled maintenance has stopped: nothing is checked, archived or notified. Check that wrangler.toml has the line crons under [triggers], and see the log of the Worker.',

  'alerts.silence':
    'Nothing new has come in since {time}; the longest normal gap is {hours, plural, one {# hour} other {# hours}}. In Yespo, check that the webhook is active (Account settings → Data export), and press “Send test” there: the response says what is wrong.',
  'alerts.backlog':
    '{count, plural, one {# request from Yespo waits} other {# requests from Yespo wait}} in the queue{time, select, unknown {} other {, the oldest since {time}}}. Nothing is lost, but events are stored late: look for “consumed” lines with errors in the Worker’s log, and check that the database responds. On the free plan the queue or the database may have reached its daily limit.',
  'alerts.deadLetters':
    '{count, plural, one {# request from Yespo could not be stored in 100 tries, and waits} other {# requests from Yespo could not be stored in 100 tries, and wait}} in the dead-letter queue{time, select, unknown {} other { since {time}}}. They are retried for another day and then quarantined; from there they can be replayed. See the Worker’s log: “consumed” lines with errors, or invocations that exceeded the CPU or memory limit.',

  'alerts.quarantine':
    '{count, plural, one {# quarantined item} other {# quarantined items}}: {reasons}. Everything else in the same requests was stored. See “Quarantine” on the dashboard, fix the cause, then replay or delete {count, plural, one {it} other {them}}.',
  'alerts.quarantineMany':
    'At least {count, number} quarantined items. Of the newest {count, number}: {reasons}. Everything else in the same requests was stored. See “Quarantine” on the dashboard, fix the cause, then replay or delete them.',
  'alerts.reason': '{count, number} for “{reason}”',
  'alerts.otherReasons':
    '{count, number} for {reasons, plural, one {# other reason} other {# other reasons}}',
  'alerts.expiring':
    '{more, select, yes {At least } other {}}{count, plural, one {# quarantined item} other {# quarantined items}} will be deleted from {time} on, as QUARANTINE_DAYS is {days, number}, but no sooner than a day after this was sent. Replay or delete {count, plural, one {it} other {them}} (“Quarantine” on the dashboard), or set QUARANTINE_DAYS higher; 0 keeps everything.',

  'alerts.rate.spam':
    'In the last 24 hours, {numerator, number} of {denominator, number} contacts delivered to by {channel} complained of spam: {rate, number, ::percent .00}, and from {limit, number, ::percent .##} on it is too many.',
  'alerts.rate.hardBounced':
    'In the last 24 hours, {numerator, number} of {denominator, number} contacts written to by {channel} bounced permanently: {rate, number, ::percent .00}, and from {limit, number, ::percent .##} on it is too many.',
  'alerts.rateUnknown.spam':
    'In the last 24 hours, {numerator, number} contacts delivered to by {channel} complained of spam, and only {denominator, number} are known to have been delivered to, so the rate is unknown.',
  'alerts.rateUnknown.hardBounced':
    'In the last 24 hours, {numerator, number} contacts written to by {channel} bounced permanently, and only {denominator, number} are known to have been written to, so the rate is unknown.',
  'alerts.rateAdvice.spam':
    'Mailbox providers hold this against everything you send: stop the campaign that caused it, and write only to people who opted in.',
  'alerts.rateAdvice.hardBounced':
    'Mailbox providers hold this against everything you send: see “Bounces” on the dashboard.',
  'alerts.bounceCause': 'Most frequent cause: {title} ({share, number, percent}). {advice}',
  'alerts.bounceCauseUnknown': 'Stop writing to old or bought addresses.',
  'alerts.needsDelivered':
    'If the webhook does not send the status DELIVERED, add it in Yespo: rates are wrong without it.',

  'alerts.database':
    'The database has reached {share, number, percent} of its limit of {limit, number} MB; once it is full, no event can be stored.',
  'alerts.databaseMoving':
    'Events older than {count, plural, one {# day} other {# days}} move to the archive, but that does not make enough room.',
  'alerts.databaseKeepsAll':
    'KEEP_DAYS is 0, so all events stay: set it to a number of days, and older ones move to the archive.',
  'alerts.databaseNoArchive':
    'No archive is bound, so old events stay in the database: enable R2 in the Cloudflare account, remove the “#” before the lines of [[r2_buckets]] in wrangler.toml, and run `npm run deploy`; events older than KEEP_DAYS then move there.',
  'alerts.paidPlan': 'A paid plan has 10 GB: set CLOUDFLARE_PLAN = "paid" once you are on it.',
  'alerts.movingEarly':
    'The database is {share, number, percent} full, so events older than {count, plural, one {# day} other {# days}} move to the archive already, instead of after KEEP_DAYS ({planned, number}), until it is less than {relieved, number, percent} full. No event is lost, and reports, lists and contacts still show all of them.',
  'alerts.archiveFailed': 'The last attempt to move old events to the archive failed.',
  'alerts.archiveStuck':
    '{count, plural, one {# file of the archive has} other {# files of the archive have}} been unfinished since {time}.',
  'alerts.archiveLate':
    '{count, plural, one {# event} other {# events}} came in for archived days, and can only be counted once the archive can be read.',
  'alerts.archiveAdvice':
    'No event is lost: it stays in the database until it is in the archive. See the log of the Worker for the reason, and check that the R2 bucket exists.',
  'alerts.archiveUnbound':
    'The archive is no longer bound: put the lines of [[r2_buckets]] back into wrangler.toml, and run `npm run deploy`.',
  'alerts.erasures':
    '{count, plural, one {# erasure is} other {# erasures are}} under way, the oldest since {time}; an erasure should finish within a day. See the Worker’s log for the reason; if old events are in an archive, its R2 bucket must be bound.',

  'alerts.rollupsLate':
    'Links, providers, machines and anomalies have been counted only until {time}.',
  'alerts.rollupsFailed':
    '{count, plural, one {# hour} other {# hours}} could not be counted in several tries{time, select, unknown {} other {, the oldest open one from {time}}}: links, providers, machines and engagement lack {count, plural, one {its} other {their}} events.',
  'alerts.engagementLate': 'Engagement has been counted only until {time}.',
  'alerts.rollupAdvice':
    'No event is lost, and totals, lists and suppressions are complete. See the log of the Worker for the reason (task_failed).',

  'alerts.quota.rowsWritten':
    'Today’s written rows are above {share, number, percent} of the free plan’s limit: {limit, number} a day, for all Workers of the account together. Once all are used up, nothing can be stored until 00:00 UTC: events wait in the queue until then. The paid plan has no such limit: set CLOUDFLARE_PLAN = "paid" once you are on it.',
  'alerts.quota.rowsRead':
    'Today’s read rows are above {share, number, percent} of the free plan’s limit: {limit, number} a day, for all Workers of the account together. Once all are used up, nothing can be stored or read until 00:00 UTC: events wait in the queue until then. Open pages read rows, too. The paid plan has no such limit: set CLOUDFLARE_PLAN = "paid" once you are on it.',
  'alerts.quota.queueOperations':
    'Today’s queue operations are above {share, number, percent} of the free plan’s limit: {limit, number} a day, for all Workers of the account together. Once all are used up, the queue stops until 00:00 UTC: events are stored directly, and Yespo waits if that fails. The paid plan has no such limit: set CLOUDFLARE_PLAN = "paid" once you are on it.',

  'alerts.syncStopped':
    'The sync with Yespo’s API was stopped: {reason} To start it now, see /coverage on the dashboard; otherwise the next scheduled sync starts automatically. Events from the webhook are stored meanwhile.',
  'alerts.reasonUnknown': 'The reason is unknown.',
  'alerts.webhookMissed':
    'The webhook missed {missed, number} of the {all, number} events that Yespo’s API has for {day} (UTC): they were filled in from the API. See which at /coverage on the dashboard, and check in Yespo that the webhook is active and exports all events (Account settings → Data export).',
  'alerts.webhookSilent':
    'The webhook delivered none of the {all, number} events that Yespo’s API has for {day} (UTC): they were filled in from the API. See which at /coverage on the dashboard, and check in Yespo that the webhook is active and exports all events (Account settings → Data export).',

  'alerts.unexpected.parameter':
    'Events have a parameter that Yespo does not document, with {name, select, unnamed {a name that is not shown here} other {the name “{name}”}}, since {time}. It is stored with each of them, in “extra”.',
  'alerts.unexpected.typeRead':
    'The parameter “{name}” has come as {type} since {time}, not in the type that Yespo documents. It was converted, as its meaning is certain. The original is in “extra”.',
  'alerts.unexpected.typeIgnored':
    'The parameter “{name}” has come as {type} since {time}, not in the type that Yespo documents. It cannot be converted: such events are stored, but filters and reports ignore the value. The original is in “extra”.',
  'alerts.unexpected.status':
    'Events have a status that Yespo does not document, with {name, select, unnamed {a name that is not shown here} other {the name “{name}”}}, since {time}. They are stored, and counted under “others”.',
  'alerts.unexpected.channel':
    'Events have a channel that Yespo does not document, with {name, select, unnamed {a name that is not shown here} other {the name “{name}”}}, since {time}. They are stored and counted; which address belongs to it is unknown.',
  'alerts.unexpected.others':
    'Events have {count, plural, one {# other thing} other {# other things}} that Yespo does not document: see the newest ones on the page Events.',

  'alerts.down':
    'The database cannot be used, so nothing can be stored. Nothing is lost: events wait in the queue, and Yespo repeats requests that are not accepted. See the Worker’s log for the error, and www.cloudflarestatus.com.',
  'alerts.downDailyLimit':
    'Today’s free rows of the database are used up, so nothing can be stored until 00:00 UTC. Nothing is lost: events wait in the queue, and Yespo repeats requests that are not accepted. If this happens often, change to a paid plan.',
  'alerts.downNotMigrated':
    'The database is not migrated, so nothing can be stored. Nothing is lost: events wait in the queue, and Yespo repeats requests that are not accepted. Run “npm run deploy”.',
  'alerts.back': 'The database was unavailable. It is back, and waiting events are being stored.',

  'anomaly.since': 'since {start}',
  'anomaly.from': 'from {start} to {end}',
  'anomaly.bounces.channel':
    '{share, number, percent} of {of, number} messages by {channel} have bounced {when} (normal is {normal, number, ::percent .#}).',
  'anomaly.bounces.provider':
    '{provider} rejected {share, number, percent} of {of, number} emails {when} (normal is {normal, number, ::percent .#}).',
  'anomaly.bounces.all.cause':
    'Either nothing is delivered, or the webhook no longer sends the status DELIVERED.',
  'anomaly.cause': '{title}: {meaning}',
  'anomaly.checkWebhook':
    'In Yespo, check that the webhook exports this status (Account settings → Data export).',
  'anomaly.reads.channel':
    'Messages by {channel} were opened much less {when}: {count, plural, one {# time} other {# times}}, instead of some {of, number}.',
  'anomaly.reads.channel.cause':
    'Either the webhook no longer sends the status READ, opens are no longer tracked, or messages land in spam everywhere.',
  'anomaly.reads.channel.advice':
    'Open a message that you sent to yourself, and see whether that is on the page Events. In Yespo, check that the webhook exports this status (Account settings → Data export).',
  'anomaly.reads.provider':
    'Emails at {provider} were opened much less than elsewhere {when}: {count, plural, one {# time} other {# times}}, instead of some {of, number}.',
  'anomaly.reads.provider.cause': 'They probably land in the spam folder.',
  'anomaly.reads.provider.advice':
    'Send the message to a mailbox of your own there and look in its spam folder. Until it is right, send there only to people who read you, and check the SPF, DKIM and DMARC records that Yespo shows.',
  'anomaly.clicks':
    'Links in messages by {channel} were clicked much less {when}: {count, plural, one {# time} other {# times}}, instead of some {of, number}, while the messages were opened.',
  'anomaly.clicks.cause':
    'Either links or their tracking do not work, or the webhook no longer sends the status CLICKED.',
  'anomaly.clicks.advice':
    'Click a link in the last message yourself. In Yespo, check that the webhook exports this status (Account settings → Data export).',
  'anomaly.complaints':
    '{count, plural, one {# contact} other {# contacts}} complained of spam by {channel} {when}: {times, plural, one {# time} other {# times}} as many as normal.',
  'anomaly.complaints.cause': 'A campaign reached people who did not expect it.',
  'anomaly.complaints.advice':
    'Stop the campaign of that time, and write only to people who opted in. Mailbox providers hold complaints against everything you send.',
  'anomaly.unsubscribes':
    '{count, plural, one {# contact} other {# contacts}} unsubscribed by {channel} {when}: {times, plural, one {# time} other {# times}} as many as normal.',
  'anomaly.unsubscribes.cause': 'A campaign went to the wrong people, or too often.',
  'anomaly.unsubscribes.advice':
    'See which campaign they left from on the page Campaigns, and whom it was sent to.',
  'anomaly.deliveries':
    'No message by {channel} was delivered {when}, while others were opened; normal is at least {of, number}.',
  'anomaly.deliveries.cause':
    'Either nothing is sent, or the webhook no longer sends the status DELIVERED.',
  'anomaly.deliveries.advice':
    'In Yespo, check that workflows run, and that the webhook exports this status (Account settings → Data export).',
  'anomaly.otherProviders': 'other mailbox providers',
  'anomaly.otherChannel': 'other channels',
} as const
