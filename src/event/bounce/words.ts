const ENGLISH = `a aaaa abandoned abort aborted about above absence absent absentsubscriber abuse abuser abusive accept acceptable
  acceptd accepted accepting accepts access accessible accommodate account accounts accurate ack across act acting
  action actions active activity actually ad adding additional address addressed addressee addresses adequate adhere
  adjust adjusted administrative administratively administrator adr advertising advised affected after again against
  agent aggressive agreement ahead alert algorithm alias aliases aligned alignment all allocated allocation allow
  allowed allowlist allows along alphanumeric already also alternate although always am amavis amavisd ambiguous
  amount an analysis and android announce anonymous another answer answered anti any anymore anyone anything anyway
  api apns apologies apologize app appear appearing appears append apple application applied apply approve approved
  approximately arc archive archived archives are arrived as ask asking asn assessed assigned assistance associated
  assume at attached attaching attachment attachments attack attacks attempt attempted attempts attention audit auth
  authentic authenticated authentication author authorities authority authorization authorized auto automated
  automatic automatically autoreply autoresponder available average avoid awaiting aware away axigen back backend
  backpressure bad badly bandwidth banned barracuda barred barring base based basis batv be bearer because become been
  before begin behalf behaving behavior behaviour behind being believed belong belongs below best better between
  beyond bigger bimi bind bit bits black blackhole blacklist blacklisted blacklisting blank block blocked blocker
  blocking blocklist blocklisted blocks body bogus bot both bots bottom bounce bounced bounces box bracket brackets
  breach break brief bring broadcast broken browse browser brute buffer build built bulk business busy but button by
  bye byte bytes cache calendar call called caller calls campaign campaigns can can't cancel canceled cancelled cannot
  cant capability capacity card care careful carrier case catch catchall categorised categorized category caught cause
  caused causes causing cbl cell center centos certificate certificates chain chance change changed channel char
  character characters charging charset chat check checked checks choose chosen chrome cidr cisco claim claims clamav
  class classification classified classify clean cleaned cleanup clear click clicking client clients close closed
  closes closing cloud cloudmark cluster cn cname code codes collapse collected column come comes coming command
  commands comment common communicate communication communications communigate community company company's compare
  compatible complaint complaints complete completed compliance compliant complies comply component compromised
  computer computers concern concerning concurrent condition conduct confidential configuration configured confirm
  confirmed conflict conform congested congestion connect connected connecting connection connections consent consider
  considered consistent console constraint consult consumer contact contacted contacting contacts contain contained
  containing contains content contents context continue continued continues contract control conversation convert
  copied copy corporate correct correspond corresponding corrupt corrupted could couldn't count country courier cpu
  crash create created creation credential credentials credit criteria critical css current currently custom customer
  cut daemon daily damage damaged dane dangerous data database date dated day days dc dd deactivate deactivated
  deactivating deactivation dead dear debian debug decide decided decision decline declined default deferral deferred
  define defined definition delay delayed delegated delegation delete deleted deletes deleting delist delisted
  delisting deliver deliverable delivered deliveries delivering delivery delivrd demand denial denied deny denylist
  departed department departure depends deprecated described description designed desired destination destroyed detail
  details detect detected determine determined device diagnostic dial dialed dialled dialog did didn't different
  difficulty digest digit digits direct direction directly directory disable disabled disabledmailbox disablement
  disables disallowed discard discarded disconnect disconnected discontinue discontinued disk dispatch display
  disposable distribution dkim dkims dmarc dnd dns dnsbl dnsbls dnswl do document documentation does doesn't doesnt
  domain domain's domainkeys domains domino don't done dont door doubt dovecot download downtime drop dropped dsn due
  duplicate duplicates duration during dynamic each earlier easily edge edit effect effort ehlo eight either elapsed
  element eligible else email emails embedded emergency employed employee employees employer employment emptied
  empties empty enable enabled encoding encountered encrypted encryption end ended endpoint engine enhanced enough
  enrolled enroute ensure enter entered entire entirely entity entries entry envelope environment eop equal err errno
  error errors esme esmtp esp especially esps essential established etc eu evaluate evaluated even event events ever
  every everyone everything evidence ews exact exactly example exceed exceeded exceeding exceeds except exception
  exceptions excess excessive excessively exchange exclude excluded excluding exe executable executables execute
  executed exempt exhausted exim exist existent existing exists expect expected experience experiencing expiration
  expire expired expires expiry explain explanation explicitly exploit expn expose expression extended extension
  extensions extensive external extra extremely facebook facility fact fail failed failing failover fails failure
  failures fake fallback false faq far fast fatal fault faulted faulty fbl fcm feature feedback feel few field file
  files filter filtered filtering final finally find fine firebase firefox firewall firmware first fit five fix fixed
  fixing flag flagged flood flooded flooding flow folder follow followed following for forbidden forever forged format
  formatting former formerly forms fortimail fortinet forward forwarder forwarding forwardpath forwards found four
  fraud fraudulent free freemail frequency frequent frequently fri from front frozen full fuller fully function
  functional further future gain gateway gb general generated generic genuine geo get gib give given gives giving
  global gmail gmt gnutls go goes going gone good goodbye google gov granted granting gray graylisted greater
  greetings grey greylist greylisted greylisting ground group groupwise grow gsm gsmtp guarantee guard guest guide
  guideline guidelines hack had handle handled handles handling handover handset hang happen happened happens haraka
  hard hardfail harmful harvest has hash hasn't have haven't he header headers hear heavy held hello helo help
  helpdesk helpful hence her here heuristic heuristics hi hidden high highly his history hit hlr hmailserver hms hold
  holder holiday home hop hops host hosted hosting hosts hotmail hour hours how however hr hrs html http https huawei
  huge human hundred hung hz i i'll i'm i've iana icewarp id idea identified idle ietf if ignore ignored illegal image
  imap immediate immediately impact implement implemented implicit important impossible improper improperly improve
  imsi in inability inaccessible inactive inactivity inappropriate inbound inbox incident include included includes
  including incoming incompatible incomplete incorrect increase indicate indicated indicates individual inet
  inexistent infected infection info inform information informational informed infrastructure initial initialize
  initialized initiate initiated inline innocent input insecure insert inside inspect inspection instagram install
  installed instance instead instruct instruction instructions insufficient intend intended intent interest interface
  intermittent internal interrupted interval into invalid invalidate invalidated invalidrecipient invaluement
  investigate investigation invitation invited involved ios ip ipad ipados iphone ipv ironport irregular is isn't isnt
  isolated isp isps issue issued issues it it's item items its itself java job joined journal json jump junk just
  kaspersky kb keep keeps kept kerio kernel key keys keyword kib kilobytes kind kindly know known knows kumomta
  kyivstar lack lacks landline landlines language large larger last lasting latency later latest launch lda ldap
  leading learn least leave leaver leaves leaving left legacy legal legitimate length less let level levels library
  license lies life lifecell like likelihood likely limit limitation limited limits line lines link links linux list
  listed listing lists literal live lives lmtp load loaded local locally locate located location locked locks log
  logged logic login logins logs long longer look looking looks lookup loop looping loops loss lost lot lots lotus low
  machine macos macro macros made mail mailbomb mailbox mailboxes mailboxfull mailchannels maildir maildrop mailenable
  mailer mailfolder mailhost mailhub mailing mailings mailman mailroute mails mailscanner mailserver mailservers
  mailsystem mailto main mainly maintain maintained maintenance major majority make makes making malformed malfunction
  malicious malware manage managed management manager mandatory manual manually many map mapping marked market
  marketing mass match matched matches material max maximal maximum may maybe mb mbox mda mdaemon mdn me mean means
  measures mechanism media meet meets megabytes member members memory mention merge message messagelabs messages
  messaging messenger met metadata method mfa mib micro microsoft might migrated migration milter mime mimecast
  mimedefang min mind minimum minor mins minute minutes misaligned misconfiguration misconfigured misdirected mismatch
  mismatched misrouted miss missing misspelled misspelling mistake mistakenly mistyped mixed mobi mobile mode model
  modem moderate moderated moderation moderator modified modify module moment mon money monitor monitored monitoring
  month monthly months more moreover most mostly move moved moves moving mozilla ms msa msc msg msisdn mta mua much
  multipart multiple must mx my myself nack name named names nameserver naming native nature ndr near necessary need
  needed negative negotiation nested network neutral never new news newsletter newsletters next nine no nobody node
  noise non none nonexistent nonexisting nonlocal noop nor noreply normal normally noroute nosuchuser not notallowed
  notavailable note noted notfound nothing notice notices notification notified notify now nr ntlm null nullmx number
  numbering numbers numeric nxdomain obey object obsolete obtain obvious occasion occur occurred occurs octets of off
  offender offending offer offered offers office offices official offline offnet often ok old older oldest omitted on
  once one ones online only onto open opendkim opendmarc opened opening opens opensmtpd openssl operation operational
  operator operators opinion opt opted option optional options or order orders ordinary organisation organization
  organizational organizations origin original originated originating originator other others otherwise ought our out
  outage outages outbound outdated outgoing outlook output outside over overall overflow overflowing overload
  overloaded overloading overly overquota override oversize oversized own owner package packet padding page pair panel
  parameter parameters parent parental parked parse parsed parser parsing part participant particular particularly
  partner parts party pass passed password past path patience patient pattern paused pay payload payloads payment pbl
  pdf peer pending people per percent perform performance performed perhaps period periodically perl permanent
  permanently permfail permission permissions permit permits permitted persistent person personal personnel phishing
  phone php phrase physical pick pid piece pipe place placed plain plan platform play please plus pmta pobox point
  pointed pointing points policies policy policyd pool poor pop popular port portability portal ported porting
  positive possible possibly post postal posted postfix postgrey posting postmaster postscreen potential potentially
  power powered powermta practice practices preceding predefined prefer preferences preferred prefix pregreet
  preliminary premium prepaid prepared presence present presented preserved press prevent prevented prevents previous
  previously pricing primary print printed prior priorities priority privacy private privilege privileges probability
  probable probably problem problems proceed proceeding process processed processing procmail produce produced product
  production professional profile program progress prohibited prohibition prohibits promotion promotional proof
  proofpoint proper properly protected protection protocol protocols prove provide provided provider provides
  providing provisioned provisioning proxy psbl ptr public publish published purged purpose push put python qmail
  quality quantity quarantine query question questions queue queued queueing queues queuing quick quickly quit quite
  quota quotas quote quoted rack random range ranges rare rate rated ratelimit rates rather rating raw rbl rbls rcpt
  rdns reach reachable reached reaches reaching reactivated read readable reading ready real really realm reason
  reasons reassigned reattempt reboot receive received receiver receiving recent recently recip recipient recipient's
  recipientnotfound recipients recipnotfound recognised recognize recognized recommend recommendation recommended
  reconfigure reconnect record records recover recovery recurrent recycled redirect redirected reduce reduced ref
  refer reference referral refers reflect refuse refused refuses regarding regardless regards regex region register
  registered registration registry regular regulation regulations reinstall reject rejectd rejectdomain rejected
  rejecting rejection rejections rejects rel relate related relay relayed relaying relays release released relevant
  reliable remain remains remedy remember reminder remote removal remove removed rename renew reopen repair repeat
  repeated repeatedly replace replaced replied replies reply report reported reporting represent reputable reputation
  request requested requests require required requires requiring research resembles resend resending resent reserve
  reserved reset reside resides resolution resolve resolved resolver resolving resort resource resources respect
  respective respond responded responder responding response responses responsible rest restart restored restrict
  restricted restriction restrictions resubmit result results retain retention retired retried retries retrieve retry
  retrying return returned returning returns reuse rev reveal reverse review reviewed revise revision revoked rewrite
  rewriting rewritten rfc rhsbl right ring risk risky roamed roamer roaming robot role rollback root rotate routable
  route routed routes routing row rset rspamd rst rule rules run running safari safe safely safety said same sample
  samsung sandbox sasl sat save saved says sbl scan scanned scanner scans scenario schedule scheduled scheduler scheme
  scope score scored screen screening script sdk sec second seconds secret secs section secure security see seek seem
  seems seen segment select selected selection selector self send sender sender's senderbase senders senderscore
  sending sendmail sends sensitive sent sentence separate sequence serious seriously serve served server server's
  servers serves servfail service services serving session set setting settings setup seven several severe shall shard
  share shared sharing short shortage shortly should show showing shown shows shut shutdown side sieve sign signal
  signature signatures signed significant signup silent silently sim similar similarity simple since single sink site
  sites situation six size sized skip skipped skype sleep slot slow small smaller smart smpp sms smsc smtp smtpsend so
  soa social socket soft softfail software solution solve some something sophos sorbs sorry sort sorts sound source
  space spam spamassassin spamcop spamexperts spamhaus spammed spammer spamming spamtrap spamtraps speak speaking
  special specific specified specify speed spell spelled spelling spf split spoken spoof spoofed spoofing spool srvc
  ssl staff stage stale stalled standard standards start started starting starts starttls stat state stated statement
  static stats status statuses stay step steps still stop stopped stopping storage store stored storedrv storing
  stream strict strictly string strip stripped strong structure sts stuck student style sub subdomain subdomains
  subject subjects submission submit submitted subnet subscribe subscribed subscriber subscriber's subscribers
  subscription subscriptions subsequent substantial substitute succeed success successful successfully such sufficient
  suffix suggest suggested suggests suite suited sun supplied support supported supports suppressed suppression surbl
  sure surpassed survey suspect suspected suspend suspended suspension suspicion suspicious suspiciously switch
  switched symantec symbol sympa sync synchronize syntax system systems table tables tag take taken takes taking talk
  talks talos target targets tariff tarpit task tcp team technical telegram telephone teleservice teleservices tell
  tells temp tempfail temporarily temporary ten tenant term terminal terminate terminated terms test tested text than
  thank that the their them themselves then there therefore these they thing things think third this those though
  thousand thousands thread threat three threshold thresholds throttled throttling through thu thus ticket till time
  timed timeout times timing tip title tls tlsa tlsrpt tmp to today together token tokens too tool toolarge top topic
  total touch toward towards trace track tracker tracking traffic transaction transfer transfers transient
  transmission transmit transport transports trap traps treat treated treating treats trend trendmicro trial tried
  tries triggered trouble troubleshoot troubleshooting true truncated trunk trust trusted truth try trying ttl tue
  tunnel turn turned twice two txt type typed types typical typically typing typo typos ua ubuntu uceprotect
  ultimately unable unacceptable unallocated unallowed unapproved unassigned unauthenticated unauthorized unavaiable
  unavailability unavailable unblock unblocked unblocking unbound uncertain unchanged unconfirmed undefined undeliv
  undeliver undeliverable undelivered undelivery under undergoing understand understood undisclosed unencrypted
  unexpected unfortunately unhandled unidentified unified uninstall uninstalled unique unit unix unknown unless unlike
  unlimited unlist unlisted unlocked unmonitored unnecessary unprovisioned unreachable unread unreadable unrecognized
  unregister unregistered unreliable unresolvable unresolved unresponsive unroutable unrouteable unrouted unsafe
  unscannable unsecure unsent unsigned unsolicited unspecified unsubscribe unsubscribed unsubscribing unsuccessful
  unsuitable unsupported until untrusted unused unusual unusually unverified unwanted up upcoming update updated
  upgrade upload upper upstream urgent uri uribl url urls us usable usage use used useful useless user user's username
  users userunknown uses using usual usually utc utf utility utilization utilized vacation vade valid validate
  validated validation validity value vapid variable various vendor ver verification verified verifier verify
  verifying version versions very via viber victim view viewed violated violates violating violation violations
  virtual virus viruses visible visit visited visits vlr vodafone voice volume vom vrfy vulnerable wait waiting wakeup
  want wanted warn warned warning warnings was wasn't watch way ways we weak web webmail webmaster webpush website
  websites wed week weekly weeks well went were weren't what whatsapp when where whether which while whitelist
  whitelisted whitelisting who whole whom whose why wide will window windows wired wireless wish with within without
  won't word work worker workers working works workspace world worm worth would write writing written wrong xbl xiaomi
  xml yahoo year years yes yet you your yours yourself zero zerospam zimbra zip zone`

let plainWords: ReadonlySet<string> | undefined

/**
 * Plain words of bounce texts, in lower case. Any other word may be a name. Made when first needed: no other part of a
 * page takes as long to load.
 */
export function listPlainWords(): ReadonlySet<string> {
  return (plainWords ??= new Set(ENGLISH.split(/\s+/)))
}

/** Stems of plain Ukrainian and Russian words, which have many forms. */
const STEMS = `
  абонент администр адміністр адрес адресат акаунт аккаунт актив безопасн безпек блокир блокув вже видален вийш
  вимкн вимкнен вирус вичерпан вказан включ вміст внутренн внутрішн возможн времен временн відмов відпис відповід
  відправ відсутн вірус дисков дозвол домен достав доступ електрон жалоб з['’]єднан заблок заборон законч закінч
  запит запрещ запрос зараз зарегистр зареєстр збій зверн знову истек исчерпан канал каналь картк квот клиент
  клієнт контакт користувач лимит логин логін ліміт маршрут мобильн мобільн можлив надсил надісл неактив небажан
  невдал неверн невозможн невідом невірн недейств недоступ недійсн нежелат незарегистр незареєстр неизвест
  некорект некоррект нельз неможлив неможн необх неправильн неудач номер обмеж обрат огранич одержувач ожида
  оператор ответ отказ отключ отпис отправ отрим отримувач отсутств очіку ошибк пакет перевищ перевір переповн
  переполн повтор повідомлен поддерж подключ подпис подтвержд пожалуйст позж позначен политик получ получател
  пользовател політик помечен помилк попробу попыт послуг постоянн постійн потріб почтов поштов правильн превыш
  прийман приймає прийн прийнят приним принят пристр причин провер підключ підпис підписк підтвердж підтрим пізніш
  размер разреш раньш раніш рахун регистрац реклам реєстрац розмір роуминг роумінг сбой сейчас сервер сервис
  сервіс скарг скриньк снова содерж соединен сообщен спам спис спроб спробуй статус существ таймаут текст телефон
  термін термінал техническ технічн тимчасов увімкн удален уже указан услуг успеш успіш устройств формат хост шлюз
  электрон ящик існ[уо]`
/** Short words, with which names begin, too. */
const WHOLE_WORDS = `
  а або але б без би больше був буде будет будь була були було бути бы был была были было быть більше в вам вас
  ваш ваша ваше ваші весь ви вне вод вона вони воно время все всього всі вузла вузол вы від він где годин година
  два де действия действует для дней днем дня днів до дію дія діє дії есть еще ж же з за збою збої знайдена
  знайдений знайдено знайдені знайти зона зоне зони зоной зоною зону зоны зоні зі и из или имеет их й його как
  какой карта карти карту карты когда код кода коди кодом коду коды коли ласка лист листа листи листом листу
  листів лише має между менше меньше мережа мережею мережу мережі места место ми минут могут мое може может можна
  можно можуть моя мы між мій місце місця на над найден найдена найдено найдены найти нам нас наш наша наше наші
  не нема немає нет ни но нужен нужна нужно ні о об один одна он она они оно от перед писем письма письмо письмом
  письму по под поза после потрібно почта почте почтой почту почты пошта пошти поштою пошту працюють працює при
  про протягом під після работает работу работы раз рази разів роботи с сам сама секунд сети сеть сетью со строк
  строка строку та така такая таке такие такий такого такое такой такі там те то той только треба требует
  требуется три тут тільки у узел узла узлу хвилин це цей цього цьому ця ці час часов часом часу через что чтобы
  ще що щоб эта эти это этот як яка яке який які є і із їх її`

/** A plain word of Ukrainian or Russian, in lower case. */
export const PLAIN_CYRILLIC = new RegExp(
  `^(?:(?:${alternatives(STEMS)})|(?:${alternatives(WHOLE_WORDS)})$)`,
  'u',
)

function alternatives(words: string): string {
  return words.trim().split(/\s+/).join('|')
}

/** Words before a version, in lower case: three numbers after them are not a status. */
export const VERSIONED: ReadonlySet<string> = new Set(
  `v ver version versions release rel rev revision build firmware kernel since until date dated on at vom від от
  tls ssl openssl gnutls http exim postfix sendmail qmail dovecot exchange haraka zimbra opensmtpd powermta pmta kumomta
  amavis amavisd spamassassin rspamd clamav mimedefang opendkim opendmarc mailscanner mdaemon kerio icewarp courier
  hmailserver mailenable axigen communigate domino groupwise sophos symantec proofpoint barracuda mimecast fortimail
  mailman sympa ironport php perl python java node ruby linux debian ubuntu centos windows android ios ipados macos iphone
  firefox chrome safari app sdk api client agent`.split(/\s+/),
)

/** Words before a number or a short code with a meaning, in lower case. */
export const CODED: ReadonlySet<string> = new Set(
  'cause code err errno error reason result stat status stats command_status diagnostic'.split(' '),
)

/** Words before a number that differs from case to case, in lower case. */
export const NUMBERED: ReadonlySet<string> = new Set(
  `attempt backend case cluster host id incident instance job line no node nr number pid pool port process queue rack ref
  reference request server session shard slot thread ticket transaction try worker`.split(/\s+/),
)

/** Units after a number that differs from case to case, in lower case. */
export const UNITS: ReadonlySet<string> = new Set(
  `attempt attempts b byte bytes connection connections day days email emails gb gib h hop hops hour hours hr hrs kb kib
  line lines m mail mails mb mib message messages min mins minute minutes ms octets percent recipient recipients s sec
  second seconds secs time times tries`.split(/\s+/),
)
