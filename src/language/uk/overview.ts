import type { overview as english } from '../en/overview.ts'
import type { Translation } from '../translation.ts'

/** The overview: results of a period, whether events arrive, and events over time. */
export const overview: Translation<typeof english> = {
  'overview.unusual': 'Незвичне цього тижня',
  'overview.more': '{count, plural, one {Ще #} few {Ще #} many {Ще #} other {Ще #}}',
  'overview.activity': 'Активність',
  'overview.largest': 'Найбільші кампанії',
  'overview.campaign': 'Кампанія',
  'overview.allCampaigns': 'Усі кампанії',

  'results.delivered': 'Доставлено',
  'results.read': 'Прочитано',
  'results.clicked': 'Кліки',
  'results.undelivered': 'Не доставлено',
  'results.spam': 'Скарги на спам',
  'results.unsubscribed': 'Відписки',
  'results.attempted': 'із {count}',
  'results.people':
    '{count, plural, one {# людина} few {# людини} many {# людей} other {# людини}}',
  'results.points': '{points} в. п.',
  'results.before': '{before} за попередній період',
  'results.compared':
    'Люди; кожну враховано один раз на доставку. Відсотки — від доставлених, для недоставлених — від надісланих. Зміни — порівняно з періодом {period}.',
  'results.warning': 'понад {limit}',
  'results.hardWarning': 'остаточних відмов понад {limit}',
  'results.exceeded': 'понад ліміт {limit}',
  'results.hardExceeded': 'остаточних відмов понад ліміт {limit}',

  'now.label': 'Події зараз',
  'now.arriving': 'Події надходять.',
  'now.silent': 'Нових подій немає.',
  'now.last': 'Остання — {ago}.',
  'now.recent': 'За 15 хвилин: <link>{count}</link>.',
  'now.quarantined': 'У карантині: <link>{count}</link>.',
  'now.details': 'Стан',
  'now.problems':
    '{count, plural, one {# проблема потребує} few {# проблеми потребують} many {# проблем потребують} other {# проблеми потребують}} уваги',
  'now.uncertain': 'Нових подій немає вже {span}. Даних поки замало, щоб сказати, чи це звично.',
  'now.silence':
    'Нових подій немає вже {span}; найдовша звична пауза — {normal}. Перевірте в Yespo, чи активний вебхук (Account settings → Data export), і натисніть там «Send test»: відповідь покаже, що не так.',
  'now.filled': 'Події, збережені відтоді, отримано через API Yespo або опрацьовано повторно.',
  'now.ahead':
    'Найновіша подія має дату на {span} у майбутньому. Перевірте, чи YESPO_TIME_ZONE збігається з часовим поясом вашого акаунта Yespo.',
  'now.datedAhead':
    'Подій за останні 24 години, дата яких більш ніж на добу в майбутньому: {count}. <link>Показати їх</link>',

  'overview.incomplete':
    'Забагато даних для однієї сторінки: найдавніші кампанії не враховано. Виберіть коротший період.',
  'overview.noEvents':
    'За цей період подій немає. <link>Перегляньте найновіші події</link> або виберіть довший період.',
  'overview.by.minute': 'По хвилинах, {zone}.',
  'overview.by.quarter': 'Кожні 15 хвилин, {zone}.',
  'overview.by.hour': 'По годинах, {zone}.',
  'overview.by.day': 'По днях, {zone}.',
  'overview.asChart': 'Показати графіком',
  'overview.asTable': 'Показати таблицею',
  'overview.table': 'Події за часом',
  'overview.time': 'Час',
  'overview.others': 'Інші',
  'overview.nothing': 'подій немає',
  'overview.statuses': 'Статуси',
  'overview.showAll': 'Показати всі статуси',
  'overview.showOnly': 'Показати лише цей статус',
  'overview.events':
    '{count, plural, one {# подія} few {# події} many {# подій} other {# події}}: {status}',
}
