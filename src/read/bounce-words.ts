/**
 * Words that servers use to say why something was not delivered, in lower case. Where a name can stand, a word that is
 * none of these may be one.
 */
export const PLAIN_WORDS: ReadonlySet<string> = new Set(
  `a abort aborted about above absent abuse accept acceptable accepted accepting accepts access accessible account
  accounts action actions active activity actually additional address addressed addressee addresses adjusted
  administrative administrator administratively after again against agreement alias aliases all allocated allocation
  allow allowed allows already also alternate always am ambiguous an and another anti any app append application are as
  at attachment attachments attempt attempted attempts authenticated authentication authorization authorized auto
  automatic automatically available away
  back backend bad badly banned barred be because been before begin being believed belong belongs below black blacklist
  blacklisted block blocked blocking blocklist blocks body both bounce bounced box breach broken browser bulk busy but
  by bye bytes
  call called caller can cancel canceled cancelled cannot can't cant capability card carrier category cause caused center
  certificate change changed channel check checked checks class cleaned client close closed code codes command
  common complaint complaints complete completed complies concurrent condition configuration configured confirm
  confirmed connect connected connecting connection connections contact contacts contain contains content contents
  control correct could couldn't count country credentials credit currently customer
  daily data database date day days dd dead decline declined default deferred delay delayed delete deleted deliver
  deliverable delivered delivering delivery denied deny description destination detail details detect detected device
  dial did didn't different directory disabled disallowed disconnect disconnected discontinued disk dkim dmarc dns dnsbl
  do does doesn't doesnt domain domains don't dont door dropped due duplicate during dynamic
  each edge either element else email emails empty enabled encoding encryption end enough ended enhanced enter entity
  entry envelope error errors established exceed exceeded exceeding exceeds excessive exchange exist existent existing
  exists expired explanation extension external
  facility fail failed failing fails failure failures false feature field file files filter filtered filtering find
  firewall first following for forbidden format forward forwarding found free frequency from frozen full fully
  further
  gateway general generic get given global gone grey greylist greylisted greylisting group gsm guidelines
  hack had handle handset has hasn't have haven't he header headers hello helo help her here high his hit hold home hop
  hops host hosted hosts hour hours how however http https
  id identified if illegal immediate in inactive inactivity inbound inbox incoming incorrect information infrastructure
  inline innocent input insecure insufficient intended internal into invalid ip ipv is isn't isnt issue it item its
  job just junk
  keep key keyword known kindly
  landline large larger last later least left legitimate length less level license limit limitation limited limits line
  link list listed lists load local located location locked log login long longer look lookup loop loops lost low
  machine mail mailbox mailboxes mailer maildrop mailings mailing maintenance make malformed malicious malware
  management many mapping marked match matched max maximum may me media member memory message messages method
  might mime minute minutes mismatch misspelled missing mobile mode moment more most moved msg mta much multiple must
  mx my
  name named names need needed negative network never new next no nobody nonexistent none nor normal not note
  notfound nothing notification now null number numbers
  object obsolete of off offline offending ok old on one only onto open operation operator opt opted option or order
  organization original originator other our out outage outbound outgoing over overloaded own owner
  package page parameter parameters parse part parts party passed password path pattern pending per percent period
  permanent permanently permission permitted person phishing phone phrase place plan please point policies policy poor
  port portability possible possibly post postmaster potential preferences prefix prepaid present prevented previous
  previously priority prior private probable probably problem problems process processed processing profile
  prohibited prohibition proper properly protected protection protocol provide provided provider proxy ptr push
  query queue quit quota
  rate rating reach reachable reached read reading ready really reason reasons received receive receiver receiving recent
  recently recipient recipients record records recover redirect refused register registered registration regex reject
  rejected rejecting rejection rejects relay relayed relaying remote remove removed repeat reply report reported reporting
  reputation request requested require required requires reserved reset resource resources respond responded responding
  response restricted restriction restrictions result retries retry return returned reverse right roaming route routed
  routing rule rules run said says
  same scan score screening second seconds section secure security see seem seems send sender senders sending sends sent
  sequence server servers service services session set setting settings setup several severe should show sim simple since
  site size sms smsc smtp so socket some something sorry source space spam spammed spammer spamming special specific
  specified spf spoof spoofed spoofing start started starttls state status still stop stopped storage store stored stream
  string strong structure subject submission submit submitted subscribed subscriber subscribers subscription success
  such supplied support supported suppressed suppression suspect suspected suspended suspicious switched syntax system
  systems
  table tag take taken talk talks target tcp teleservice temp temporarily temporary terminated test text than thank that the their
  them then there therefore these they think this those threshold threat throttled throttling through time timed
  timeout times tls to today together token tokens too topic total traffic transaction transfer transient transmission
  transmit transport tried triggered true trunk trusted try trying turned two type
  unable unallocated unauthenticated unauthorized unavailable undefined undeliverable undelivered under unexpected
  unfortunately unidentified uninstalled unknown unlisted unprovisioned unreachable unregistered unresolvable unroutable
  unrouteable unsolicited unspecified unsubscribe unsubscribed unsupported until unusual unverified up update updated
  upgrade upstream url usage use used user user's username users uses using
  valid validation value vendor verification verified verify version very via viber violates violating violation virtual
  virus viruses visit voice
  wait was wasn't we weak web webpush well went were weren't what when where which while who why will window with within
  without won't word work working would write written wrong
  yahoo gmail google outlook hotmail microsoft apple apns fcm firebase android ios windows chrome safari mozilla
  you your yours yourself zero zone
  absent ack alert anonymous archived autoreply bandwidth barring bearer bind blank bot calls cell charging cluster
  congestion conversation copy cpu crash daemon deactivated deferral discard discarded dispatch downtime dsn
  elapsed endpoint esme exhausted expiration expire expiry fault faulty flood forged gray graylisted
  guard hlr hung imsi initiate install instance interface interrupted invalidated looping map media module msc msisdn
  negotiation node nack noroute notify offnet opening operational overflow overquota overload overloading padding
  paused payload peer pool postal presence pricing protocols provisioned provisioning purged queued quarantine
  ratelimit ready reassigned recycled reconnect redirected refuse refuses repeated requests retired revoked ring
  rollback sandbox schedule scheduled screen segment selected serving shutdown signal signature silent
  slow smpp socket specify stale stalled statuses stuck subnet succeed survey tariff tenant tested thread
  tunnel unallowed unbound unblock unblocked unchanged unsent unsuitable unused vacation validity visited vlr volume
  wakeup whitelisted wireless workspace bytes kilobytes megabytes
  acceptd delivrd enroute rejectd undeliv
  batv classification computer current engine extended mailfolder myself nameserver nullmx organizational output pobox
  procmail recurrent resolve resolved resolver shared spamassassin suspend unacceptable unavaiable understand undisclosed
  auth ehlo expn noop rcpt rset vrfy esmtp rdns rbl dnswl sbl xbl pbl css barracuda cisco cloudmark invaluement kaspersky
  mimecast proofpoint senderscore sophos sorbs spamcop spamhaus symantec talos trend micro uceprotect`
    .split(/\s+/)
    .filter(Boolean),
)

/** Words that a name often follows, in lower case. */
export const CUES: ReadonlySet<string> = new Set(
  `account addressee address alias contact customer login mailbox maildrop member named name owner person recipient
  subscriber user userid username users recipients employee client dear`.split(/\s+/),
)

/** The same of Ukrainian and Russian, without their endings. */
export const CUE_STEMS =
  /^(?:користувач|пользовател|скриньк|ящик|абонент|отримувач|одержувач|получател|адресат|акаунт|аккаунт|логін|логин|клієнт|клиент|контакт|адрес)/u

/** The beginnings of usual words of Ukrainian and Russian that are written with a capital where a sentence begins. */
export const PLAIN_STEMS =
  /^(?:користувач|пользовател|скриньк|ящик|абонент|отримувач|одержувач|получател|адрес|акаунт|аккаунт|клієнт|клиент|контакт|номер|повідомлен|сообщен|лист|письм|пошт|почт|домен|сервер|помилк|ошибк|достав|послуг|услуг|оператор|телефон|пристр|устройств|карт|рахун|запит|запрос|недійсн|недейств|невірн|неверн|невідом|неизвест|немає|нет|не|відсутн|отсутств|перевищен|превышен|переповнен|переполнен|заблок|видален|удален|тимчасов|временн|постійн|постоянн|квот|спам|збій|сбой|відмов|отказ|таймаут|термін|срок|час|вичерпан|исчерпан|поза|вне|у|в|на|за|по|це|это|цей|этот|ваш|наш)/u

/** Words before a version, in lower case: three numbers after them are no status. */
export const VERSIONED: ReadonlySet<string> = new Set(
  `v ver version versions release rel rev revision build firmware kernel since until date dated on at vom від от
  tls ssl openssl gnutls http exim postfix sendmail qmail dovecot exchange haraka zimbra opensmtpd powermta pmta kumomta
  amavis amavisd spamassassin rspamd clamav mimedefang opendkim opendmarc mailscanner mdaemon kerio icewarp courier
  hmailserver mailenable axigen communigate domino groupwise sophos symantec proofpoint barracuda mimecast fortimail
  mailman sympa ironport php perl python java node ruby linux debian ubuntu centos windows android ios ipados macos iphone
  firefox chrome safari app sdk api client agent`.split(/\s+/),
)

/** Words that give a number or a short code its meaning, in lower case. */
export const CODED: ReadonlySet<string> = new Set(
  'cause code err errno error reason result stat status stats command_status diagnostic'.split(' '),
)

/** What is numbered, in lower case: the number differs from case to case. */
export const NUMBERED: ReadonlySet<string> = new Set(
  `attempt backend case cluster host id incident instance job line no node nr number pid pool port process queue rack ref
  reference request server session shard slot thread ticket transaction try worker`.split(/\s+/),
)

/** What a number that differs from case to case counts, in lower case. */
export const UNITS: ReadonlySet<string> = new Set(
  `attempt attempts b byte bytes connection connections day days email emails gb gib h hop hops hour hours hr hrs kb kib
  line lines m mail mails mb mib message messages min mins minute minutes ms octets percent recipient recipients s sec
  second seconds secs time times tries`.split(/\s+/),
)
