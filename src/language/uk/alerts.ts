import type { alerts as english } from '../en/alerts.ts'
import type { Translation } from '../translation.ts'

/** Alerts, which are posted and on the status page. */
export const alerts: Translation<typeof english> = {
  'alerts.summary': 'Yespo receiver: нових — {started, number}, вирішених — {ended, number}.',
  'alerts.resolved': 'Вирішено (тривало з {time}): {message}',
  'alerts.moreLines':
    '… і ще {count, plural, one {# рядок} few {# рядки} many {# рядків} other {# рядка}}: див. сторінку /status.',

  'alerts.plain': '{text}',
  'alerts.unsent':
    'Не вдалося надіслати сповіщення на ALERT_URL. Кожна перевірка пробує знову. Перевірте URL; у журналі Worker є статус, з яким він відповів.',
  'alerts.schedule':
    'Планове обслуговування зупинилося: ніщо не перевіряється, не архівується, сповіщень немає. Перевірте, чи є у wrangler.toml рядок crons у розділі [triggers], і перегляньте журнал Worker.',

  'alerts.silence':
    'Від {time} не надходило нічого нового; найдовша звичайна перерва — {hours, plural, one {# година} few {# години} many {# годин} other {# години}}. Перевірте в Yespo, чи активний вебхук (Account settings → Data export), і натисніть там «Send test»: у відповіді буде сказано, що не так.',
  'alerts.backlog':
    '{count, plural, one {# запит від Yespo чекає} few {# запити від Yespo чекають} many {# запитів від Yespo чекають} other {# запиту від Yespo чекають}} у черзі{time, select, unknown {} other {, найдавніший — від {time}}}. Нічого не втрачено, але події зберігаються із запізненням: пошукайте в журналі Worker рядки «consumed» з помилками й перевірте, чи відповідає база даних. На безкоштовному плані черга або база даних могла вичерпати денний ліміт.',
  'alerts.deadLetters':
    '{count, plural, one {# запит від Yespo не вдалося зберегти за 100 спроб, і він чекає} few {# запити від Yespo не вдалося зберегти за 100 спроб, і вони чекають} many {# запитів від Yespo не вдалося зберегти за 100 спроб, і вони чекають} other {# запиту від Yespo не вдалося зберегти за 100 спроб, і вони чекають}} у черзі недоставлених{time, select, unknown {} other { від {time}}}. Спроби триватимуть ще добу, потім запити потраплять у карантин, звідки їх можна повторити. У журналі Worker шукайте рядки «consumed» з помилками або виклики, що перевищили ліміт процесора чи пам’яті.',

  'alerts.quarantine':
    'У карантині {count, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}}: {reasons}. Решту тих самих запитів збережено. Відкрийте сторінку «Карантин», усуньте причину, а тоді повторіть або видаліть {count, plural, one {його} few {їх} many {їх} other {їх}}.',
  'alerts.quarantineMany':
    'У карантині щонайменше {count, number} елементів. Серед {count, number} найновіших: {reasons}. Решту тих самих запитів збережено. Відкрийте сторінку «Карантин», усуньте причину, а тоді повторіть або видаліть їх.',
  'alerts.reason': '{count, number} через «{reason}»',
  'alerts.otherReasons':
    '{count, number} через {reasons, plural, one {# іншу причину} few {# інші причини} many {# інших причин} other {# іншої причини}}',
  'alerts.expiring':
    '{more, select, yes {Щонайменше } other {}}{count, plural, one {# елемент карантину буде видалено} few {# елементи карантину буде видалено} many {# елементів карантину буде видалено} other {# елемента карантину буде видалено}} від {time}, бо QUARANTINE_DAYS дорівнює {days, number}, але не раніше ніж за добу після цього сповіщення. Повторіть або видаліть {count, plural, one {його} few {їх} many {їх} other {їх}} на сторінці «Карантин» або збільште QUARANTINE_DAYS; 0 зберігає все.',

  'alerts.rate.spam':
    'За останні 24 години {numerator, number} з {denominator, number} контактів, яким доставлено повідомлення каналом {channel}, поскаржилися на спам: {rate, number, ::percent .00}, а забагато — від {limit, number, ::percent .##}.',
  'alerts.rate.hardBounced':
    'За останні 24 години в каналі {channel} остаточно не доставлено повідомлення {numerator, number} з {denominator, number} контактів: {rate, number, ::percent .00}, а забагато — від {limit, number, ::percent .##}.',
  'alerts.rateUnknown.spam':
    'За останні 24 години {numerator, number} контактів поскаржилися на спам у каналі {channel}, а доставок відомо лише {denominator, number}, тож частка невідома.',
  'alerts.rateUnknown.hardBounced':
    'За останні 24 години в каналі {channel} остаточно не доставлено повідомлення {numerator, number} контактів, а надсилань відомо лише {denominator, number}, тож частка невідома.',
  'alerts.rateAdvice.spam':
    'Поштові сервіси зважають на це для всіх ваших розсилок: зупиніть кампанію, яка спричинила скарги, і пишіть лише тим, хто підписався сам.',
  'alerts.rateAdvice.hardBounced':
    'Поштові сервіси зважають на це для всіх ваших розсилок: див. сторінку «Недоставлені».',
  'alerts.bounceCause': 'Найчастіша причина: {title} ({share, number, percent}). {advice}',
  'alerts.bounceCauseUnknown': 'Не пишіть на застарілі чи куплені адреси.',
  'alerts.needsDelivered':
    'Якщо вебхук не надсилає статус DELIVERED, додайте його в Yespo: без нього частки хибні.',

  'alerts.database':
    'База даних зайняла {share, number, percent} свого ліміту в {limit, number} МБ; коли вона заповниться, зберегти подію буде неможливо.',
  'alerts.databaseMoving':
    'Події, старші за {count, plural, one {# день} few {# дні} many {# днів} other {# дня}}, переміщуються в архів, але місця бракує.',
  'alerts.databaseKeepsAll':
    'KEEP_DAYS дорівнює 0, тож усі події лишаються в базі: задайте кількість днів, і старіші переміщатимуться в архів.',
  'alerts.databaseNoArchive':
    'Архів не підключено, тож старі події лишаються в базі: увімкніть R2 в акаунті Cloudflare, приберіть «#» перед рядками [[r2_buckets]] у wrangler.toml і виконайте `npm run deploy`; тоді події, старші за KEEP_DAYS, переміщатимуться туди.',
  'alerts.paidPlan':
    'На платному плані є 10 ГБ: після переходу на нього задайте CLOUDFLARE_PLAN = "paid".',
  'alerts.movingEarly':
    'Базу даних заповнено на {share, number, percent}, тому події, старші за {count, plural, one {# день} few {# дні} many {# днів} other {# дня}}, уже переміщуються в архів, не чекаючи KEEP_DAYS ({planned, number}), доки вона не стане заповнена менш ніж на {relieved, number, percent}. Жодної події не втрачено: звіти, списки й контакти показують усі.',
  'alerts.archiveFailed': 'Остання спроба перемістити старі події в архів не вдалася.',
  'alerts.archiveStuck':
    '{count, plural, one {# файл архіву не завершено} few {# файли архіву не завершено} many {# файлів архіву не завершено} other {# файлу архіву не завершено}} від {time}.',
  'alerts.archiveLate':
    '{count, plural, one {# подія надійшла} few {# події надійшли} many {# подій надійшло} other {# події надійшло}} за вже заархівовані дні; порахувати їх можна, лише коли архів знову читається.',
  'alerts.archiveAdvice':
    'Жодної події не втрачено: вона лишається в базі, доки не потрапить в архів. Причину шукайте в журналі Worker; перевірте також, чи існує бакет R2.',
  'alerts.archiveUnbound':
    'Архів більше не підключено: поверніть рядки [[r2_buckets]] у wrangler.toml і виконайте `npm run deploy`.',
  'alerts.erasures':
    '{count, plural, one {Триває # стирання даних} few {Тривають # стирання даних} many {Тривають # стирань даних} other {Тривають # стирання даних}}, найдавніше — від {time}; стирання має завершитися за добу. Причину шукайте в журналі Worker; якщо старі події в архіві, має бути підключений його бакет R2.',

  'alerts.rollupsLate': 'Посилання, поштові сервіси, роботів й аномалії пораховано лише до {time}.',
  'alerts.rollupsFailed':
    '{count, plural, one {# годину не вдалося порахувати} few {# години не вдалося порахувати} many {# годин не вдалося порахувати} other {# години не вдалося порахувати}} за кілька спроб{time, select, unknown {} other {, найдавніша — від {time}}}: посиланням, поштовим сервісам, роботам і залученості бракує подій за {count, plural, one {цю годину} few {ці години} many {ці години} other {ці години}}.',
  'alerts.engagementLate': 'Залученість пораховано лише до {time}.',
  'alerts.rollupAdvice':
    'Жодної події не втрачено; підсумки, списки й перелік «не писати» повні. Причину шукайте в журналі Worker (task_failed).',

  'alerts.quota.rowsWritten':
    'Сьогодні записано понад {share, number, percent} рядків від ліміту безкоштовного плану: {limit, number} на день для всіх Workers акаунта разом. Коли ліміт вичерпається, до 00:00 UTC нічого не можна буде зберегти: події чекатимуть у черзі. На платному плані такого ліміту немає: після переходу на нього задайте CLOUDFLARE_PLAN = "paid".',
  'alerts.quota.rowsRead':
    'Сьогодні прочитано понад {share, number, percent} рядків від ліміту безкоштовного плану: {limit, number} на день для всіх Workers акаунта разом. Коли ліміт вичерпається, до 00:00 UTC нічого не можна буде ні зберегти, ні прочитати: події чекатимуть у черзі. Відкриті сторінки теж читають рядки. На платному плані такого ліміту немає: після переходу на нього задайте CLOUDFLARE_PLAN = "paid".',
  'alerts.quota.queueOperations':
    'Сьогодні виконано понад {share, number, percent} операцій із чергою від ліміту безкоштовного плану: {limit, number} на день для всіх Workers акаунта разом. Коли ліміт вичерпається, черга зупиниться до 00:00 UTC: події зберігатимуться напряму, а якщо це не вдасться, Yespo чекатиме. На платному плані такого ліміту немає: після переходу на нього задайте CLOUDFLARE_PLAN = "paid".',

  'alerts.syncStopped':
    'Синхронізацію з API Yespo зупинено: {reason} Щоб почати її зараз, відкрийте /coverage; інакше наступна планова почнеться сама. Події з вебхука тим часом зберігаються.',
  'alerts.reasonUnknown': 'Причина невідома.',
  'alerts.webhookMissed':
    'Вебхук пропустив {missed, number} з {all, number} подій, що їх API Yespo має за {day} (UTC): їх доповнено з API. Які саме — див. /coverage; перевірте в Yespo, чи вебхук активний і експортує всі події (Account settings → Data export).',
  'alerts.webhookSilent':
    'Вебхук не доставив жодної з {all, number} подій, що їх API Yespo має за {day} (UTC): їх доповнено з API. Які саме — див. /coverage; перевірте в Yespo, чи вебхук активний і експортує всі події (Account settings → Data export).',

  'alerts.unexpected.parameter':
    'Від {time} події мають параметр, якого немає в документації Yespo: {name, select, unnamed {назву тут не показано} other {«{name}»}}. Він зберігається разом із подією в полі «extra».',
  'alerts.unexpected.typeRead':
    'Від {time} параметр «{name}» надходить як {type}, а не в типі з документації Yespo. Його перетворено, бо значення однозначне. Початкове значення — у полі «extra».',
  'alerts.unexpected.typeIgnored':
    'Від {time} параметр «{name}» надходить як {type}, а не в типі з документації Yespo. Перетворити його неможливо: такі події зберігаються, але фільтри й звіти це значення не враховують. Початкове значення — у полі «extra».',
  'alerts.unexpected.status':
    'Від {time} події мають статус, якого немає в документації Yespo: {name, select, unnamed {назву тут не показано} other {«{name}»}}. Вони зберігаються й рахуються серед «інших».',
  'alerts.unexpected.channel':
    'Від {time} події мають канал, якого немає в документації Yespo: {name, select, unnamed {назву тут не показано} other {«{name}»}}. Вони зберігаються й рахуються, але яка адреса йому відповідає, невідомо.',
  'alerts.unexpected.others':
    'У подіях є ще {count, plural, one {# нове} few {# нові} many {# нових} other {# нового}}, чого немає в документації Yespo: найновіші — на сторінці «Події».',

  'alerts.down':
    'База даних недоступна, тож нічого не можна зберегти. Нічого не втрачено: події чекають у черзі, а Yespo повторює неприйняті запити. Помилку шукайте в журналі Worker; див. також www.cloudflarestatus.com.',
  'alerts.downDailyLimit':
    'Безкоштовні рядки бази даних на сьогодні вичерпано, тож до 00:00 UTC нічого не можна зберегти. Нічого не втрачено: події чекають у черзі, а Yespo повторює неприйняті запити. Якщо це трапляється часто, перейдіть на платний план.',
  'alerts.downNotMigrated':
    'До бази даних не застосовано міграції, тож нічого не можна зберегти. Нічого не втрачено: події чекають у черзі, а Yespo повторює неприйняті запити. Виконайте «npm run deploy».',
  'alerts.back': 'База даних була недоступна. Вона знову працює, і події, що чекали, зберігаються.',

  'anomaly.since': 'від {start}',
  'anomaly.from': 'з {start} до {end}',
  'anomaly.bounces.channel':
    'У каналі {channel} {when} не доставлено {share, number, percent} з {of, number} повідомлень (звичайно — {normal, number, ::percent .#}).',
  'anomaly.bounces.provider':
    '{provider}: {when} відхилено {share, number, percent} з {of, number} листів (звичайно — {normal, number, ::percent .#}).',
  'anomaly.bounces.all.cause':
    'Або нічого не доставляється, або вебхук більше не надсилає статус DELIVERED.',
  'anomaly.cause': '{title}: {meaning}',
  'anomaly.checkWebhook':
    'Перевірте в Yespo, чи вебхук експортує цей статус (Account settings → Data export).',
  'anomaly.reads.channel':
    'У каналі {channel} {when} повідомлення відкривали значно рідше: {count, plural, one {# раз} few {# рази} many {# разів} other {# раза}} замість приблизно {of, number}.',
  'anomaly.reads.channel.cause':
    'Або вебхук більше не надсилає статус READ, або відкриття не відстежуються, або листи всюди потрапляють у спам.',
  'anomaly.reads.channel.advice':
    'Відкрийте повідомлення, надіслане самому собі, і подивіться, чи є воно на сторінці «Події». Перевірте в Yespo, чи вебхук експортує цей статус (Account settings → Data export).',
  'anomaly.reads.provider':
    '{provider}: {when} листи відкривали значно рідше, ніж деінде: {count, plural, one {# раз} few {# рази} many {# разів} other {# раза}} замість приблизно {of, number}.',
  'anomaly.reads.provider.cause': 'Імовірно, листи потрапляють у спам.',
  'anomaly.reads.provider.advice':
    'Надішліть лист на власну скриньку в цьому сервісі й перевірте теку «Спам». Доки це не виправлено, пишіть туди лише тим, хто вас читає, і перевірте записи SPF, DKIM і DMARC, які показує Yespo.',
  'anomaly.clicks':
    'У каналі {channel} {when} на посилання переходили значно рідше: {count, plural, one {# раз} few {# рази} many {# разів} other {# раза}} замість приблизно {of, number}, хоча повідомлення відкривали.',
  'anomaly.clicks.cause':
    'Або не працюють посилання чи їх відстеження, або вебхук більше не надсилає статус CLICKED.',
  'anomaly.clicks.advice':
    'Перейдіть за посиланням з останнього повідомлення самі. Перевірте в Yespo, чи вебхук експортує цей статус (Account settings → Data export).',
  'anomaly.complaints':
    'У каналі {channel} {when} на спам {count, plural, one {поскаржився # контакт} few {поскаржилися # контакти} many {поскаржилися # контактів} other {поскаржилися # контакту}}: у {times, plural, one {# раз} few {# рази} many {# разів} other {# раза}} більше, ніж звичайно.',
  'anomaly.complaints.cause': 'Кампанія дійшла до людей, які на неї не чекали.',
  'anomaly.complaints.advice':
    'Зупиніть кампанію того часу й пишіть лише тим, хто підписався сам. Поштові сервіси зважають на скарги для всіх ваших розсилок.',
  'anomaly.unsubscribes':
    'У каналі {channel} {when} {count, plural, one {відписався # контакт} few {відписалися # контакти} many {відписалися # контактів} other {відписалися # контакту}}: у {times, plural, one {# раз} few {# рази} many {# разів} other {# раза}} більше, ніж звичайно.',
  'anomaly.unsubscribes.cause': 'Кампанію надіслано не тим людям або надто часто.',
  'anomaly.unsubscribes.advice':
    'На сторінці «Кампанії» подивіться, від якої кампанії відписувалися й кому її надіслано.',
  'anomaly.deliveries':
    'У каналі {channel} {when} не доставлено жодного повідомлення, хоча інші відкривали; звичайно їх щонайменше {of, number}.',
  'anomaly.deliveries.cause':
    'Або нічого не надсилається, або вебхук більше не надсилає статус DELIVERED.',
  'anomaly.deliveries.advice':
    'Перевірте в Yespo, чи працюють сценарії й чи вебхук експортує цей статус (Account settings → Data export).',
  'anomaly.otherProviders': 'Інші поштові сервіси',
  'anomaly.otherChannel': 'інші канали',
}
