import type { status as english } from '../en/status.ts'
import type { Translation } from '../translation.ts'

/** The receiver's own health. */
export const status: Translation<typeof english> = {
  'status.noProblems': 'Проблем не виявлено.',
  'status.problems': 'Проблеми',
  'status.accessBlocks':
    'Yespo не може достукатися до вебхука: Cloudflare Access вимагає входу. У Cloudflare One додайте застосунок для /webhooks/yespo з політикою «Bypass, Everyone».',
  'status.since': 'Із {time}',
  'status.notChecked': 'Ще не перевірено. Розгорнутий приймач перевіряє себе кожні 15 хвилин.',
  'status.checked': 'Перевірено {time}; перевірка повторюється кожні 15 хвилин.',
  'status.footer':
    'Час указано {zone}. Версія {version}. Для моніторингу: запит GET на цю адресу з <docs>токеном доступу</docs> повертає JSON.',

  'status.events': 'Події',
  'status.lastReceived': 'Останнє отримання',
  'status.timeAgo': '{time}, {ago}',
  'status.lastStored': 'Останнє збереження',
  'status.delay': 'Затримка обробки',
  'status.unknown': 'невідомо',
  'status.underASecond': 'менше секунди',
  'status.normalGap': 'Найдовша звичайна перерва',
  'status.tooLittleData': 'ще замало даних',
  'status.newest': 'Найновіша подія',
  'status.waiting': 'Очікує в черзі',
  'status.requests':
    '{count, plural, one {# запит} few {# запити} many {# запитів} other {# запиту}}',
  'status.requestsSince':
    '{count, plural, one {# запит} few {# запити} many {# запитів} other {# запиту}}, найдавніший — від {time}',
  'status.deadLetters': 'Недоставлені повідомлення черги',
  'status.unavailable': 'зараз недоступно',

  'status.quarantine': 'Карантин',
  'status.items': 'Елементи',
  'status.orMore': '{count, number} або більше',
  'status.nothing': 'немає',
  'status.oldestItem': 'Найдавніший елемент',
  'status.nextDeletion': 'Наступне видалення',
  'status.never': 'ніколи',
  'status.expiringSoon': 'Буде видалено протягом тижня',

  'status.database': 'База даних',
  'status.size': 'Розмір',
  'status.growth': 'Приріст',
  'status.perDay': '{size} на день',
  'status.fullIn': 'Заповниться через (оцінка)',
  'status.days': '{count, plural, one {# день} few {# дні} many {# днів} other {# дня}}',
  'status.neverFull': 'за такого темпу — ніколи',

  'status.usage': 'Використано з опівночі UTC',
  'status.rowsWritten': 'Записано рядків',
  'status.rowsRead': 'Прочитано рядків',
  'status.queueOperations': 'Операцій із чергою',
  'status.amount': '{used} з {limit} ({share})',
  'status.amountOfFree': '{used} з {limit} безкоштовного плану ({share})',
  'status.closeToLimit': '⚠ Майже досягнуто ліміту: {amount}',
  'status.limitReached': '✘ Ліміт вичерпано: {amount}',
  'status.rowsUsedUp':
    'База даних недоступна до 00:00 UTC; події чекають у черзі. Якщо план платний, задайте CLOUDFLARE_PLAN значення paid.',
  'status.operationsUsedUp':
    'Черга недоступна до 00:00 UTC; події зберігаються напряму. Якщо план платний, задайте CLOUDFLARE_PLAN значення paid.',

  'status.archive': 'Архів і стирання даних',
  'status.retention': 'Зберігання',
  'status.keptDays':
    'Зберігаються {count, plural, one {# день} few {# дні} many {# днів} other {# дня}}',
  'status.keptLess':
    'Зберігаються {count, plural, one {# день} few {# дні} many {# днів} other {# дня}} замість {planned, number}, бо база даних майже заповнена',
  'status.allKept': 'Зберігаються всі',
  'status.noArchive': 'Зберігаються всі: архів не підключено (див. [[r2_buckets]] у wrangler.toml)',
  'status.oldestEvent': 'Найдавніша подія',
  'status.archived': 'В архіві',
  'status.archivedAmount':
    '{events, plural, one {# подія} few {# події} many {# подій} other {# події}} за {days, plural, one {# день} few {# дні} many {# днів} other {# дня}}, {size}',
  'status.filesInProgress': 'Файли в роботі',
  'status.late': 'Запізнілі події, які буде заархівовано',
  'status.erasures': 'Стирання даних',
  'status.erasuresCount': 'завершено {finished, number}, триває {underWay, number}',

  'status.rollups': 'Посилання, поштові сервіси, роботи й залученість',
  'status.countedUntil': 'Години пораховано до',
  'status.openHours': 'Годин ще порахувати або перерахувати',
  'status.openHoursSince': '{count, number}, найдавніша — {time}',
  'status.failedHours': 'Годин із помилкою',
  'status.engagementUntil': 'Залученість пораховано до',

  'status.api': 'API Yespo',
  'status.sync': 'Синхронізація',
  'status.syncOff': 'вимкнено: YESPO_API_KEY не задано',
  'status.syncUnknown': 'невідомо: значення YESPO_API_MINUTES неправильне',
  'status.syncOnDemand': 'лише за запитом',
  'status.syncEvery':
    '{count, plural, one {кожну # хвилину} few {кожні # хвилини} many {кожні # хвилин} other {кожні # хвилини}}',
  'status.missed': 'Що пропустив вебхук',
  'status.missedByDay': 'за днями, з останніми синхронізаціями',
  'status.lastSync': 'Остання синхронізація',
  'status.syncFinished': 'завершено {time}, з подіями до {until}',
  'status.syncStopped': 'зупинено {time}: {error}',
  'status.currentSync': 'Поточна синхронізація',
  'status.syncStarted': 'розпочато {time}',
  'status.syncWaiting': 'розпочато {time}, очікує з {since}: {reason}',
  'status.reasonUnknown': 'причина невідома',

  'status.settings': 'Чинні налаштування',
  'status.set': 'задано',
  'status.notSet': 'не задано',
  'status.invalid': 'неправильне значення: див. вище',
}
