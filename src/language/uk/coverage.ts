import type { coverage as english } from '../en/coverage.ts'
import type { Translation } from '../translation.ts'

/** What the webhook missed, and the syncs with Yespo's API. */
export const coverage: Translation<typeof english> = {
  'coverage.title': 'Що пропустив вебхук',
  'coverage.intro':
    'API Yespo надає ті самі події. Усе, що пропустив вебхук, доповнюється з API; на цій сторінці їх порівняно.',
  'coverage.period': 'Період',
  'coverage.days': '{count, plural, one {# день} few {# дні} many {# днів} other {# дня}}',
  'coverage.none': 'Події за ці дні ще не синхронізовано з API.',
  'coverage.noneOfDay': 'Події за цей день ще не синхронізовано з API.',
  'coverage.tooMuch': 'Забагато даних для однієї сторінки: виберіть менше днів.',
  'coverage.footer':
    'Дні — за UTC; решту часу вказано {zone}. «Покриття» — частка подій з API, які доставив вебхук.',
  'coverage.off':
    'Синхронізацію з API Yespo вимкнено. Запишіть ключ API Yespo (Account settings → API) у секрет YESPO_API_KEY і перевірте на сторінці <link>стану</link>, чи немає неправильних налаштувань.',
  'coverage.started': 'Синхронізацію розпочато: її перебіг показано нижче.',
  'coverage.noneRunning': 'Жодна синхронізація не тривала.',
  'coverage.cancelled':
    'Скасовано {count, plural, one {# синхронізацію} few {# синхронізації} many {# синхронізацій} other {# синхронізації}}. Уже отримані події збережено.',

  'coverage.byDay': 'За днями',
  'coverage.day': 'День (UTC)',
  'coverage.byKind': 'За статусом і каналом',
  'coverage.noChannel': 'немає',
  'coverage.both': 'В обох',
  'coverage.webhookOnly': 'Лише вебхук',
  'coverage.apiOnly': 'Лише API',
  'coverage.share': 'Покриття',
  'coverage.unknown': '–',

  'coverage.runs': 'Останні синхронізації',
  'coverage.noRuns': 'Синхронізацій ще не було.',
  'coverage.runList': 'Синхронізації, спочатку найновіші',
  'coverage.runStarted': 'Початок',
  'coverage.runPeriod': 'Період',
  'coverage.runProgress': 'Перебіг',
  'coverage.cancel': 'Скасувати синхронізації, що тривають',
  'coverage.scheduled': 'за розкладом',
  'coverage.onDemand': 'за запитом',
  'coverage.fromTo': '{since} – {until}',
  'coverage.sync': 'Синхронізація {number}',
  'coverage.finished': 'завершено',
  'coverage.stoppedAt': 'зупинено на {share}',
  'coverage.cancelledAt': 'скасовано на {share}',
  'coverage.waiting': 'Очікує: <reason></reason>',
  'coverage.syncPeriod': 'Синхронізувати період',
  'coverage.syncHelp': 'Уже збережені події не дублюються. Yespo зберігає їх 90 днів.',
  'coverage.start': 'Почати синхронізацію',

  'coverage.stopped':
    'Синхронізацію з API Yespo зупинено: <reason></reason> <link>Останні синхронізації</link>',
  'coverage.stalled':
    'Синхронізація з API Yespo очікує з {time}: <reason></reason>. <link>Її перебіг</link>',
  'coverage.reasonUnknown': 'причина невідома',
  'coverage.complete':
    'Вебхук доставив {all, plural, one {усю # подію} few {усі # події} many {усі # подій} other {усі # події}}, що їх API Yespo має за {days, plural, one {останній # день} few {останні # дні} many {останні # днів} other {останні # дня}}. <link>За днями</link>',
  'coverage.missed':
    'Вебхук пропустив {missed, number} з {all, plural, one {# події} few {# подій} many {# подій} other {# події}}, що їх API Yespo має за {days, plural, one {останній # день} few {останні # дні} many {останні # днів} other {останні # дня}}. Пропущене ({missed, number}) доповнено з API. <link>Переглянути</link>',
}
