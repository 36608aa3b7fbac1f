import type { events as english } from '../en/events.ts'
import type { Translation } from '../translation.ts'

/** The lists of events, and a single event. */
export const events: Translation<typeof english> = {
  'events.list': 'Події, спочатку найновіші',
  'events.view': 'Переглянути подію',
  'events.pause': 'Призупинити',
  'events.newer': 'Є новіші події. <link>Показати їх</link>',
  'events.backToNewest': 'До найновіших',
  'events.older': 'Давніші',
  'events.further': 'Шукати далі',
  'events.searched':
    '{count, plural, =0 {Подій не знайдено} one {Знайдено # подію} few {Знайдено # події} many {Знайдено # подій} other {Знайдено # події}}: переглянуто все починаючи з {time}. Давніші події ще не переглянуто.',
  'events.noOlder': 'Давніших подій немає.',
  'events.noMatch': 'Немає таких подій. Приберіть фільтр або <link>перегляньте всі події</link>.',
  'events.none': 'Подій ще немає. На сторінці <link>огляду</link> показано, як надіслати першу.',
  'events.ahead':
    'У списку немає подій із датою понад добу в майбутньому. <link>Показати їх</link>',
  'events.zone': 'Час указано {zone}.',
  'events.filter': 'Фільтр подій',
  'events.any': 'Будь-який',
  'events.time': 'Час',
  'events.numbers': 'Число або кілька чисел через кому',
  'events.show': 'Показати',

  'bounce.hard': 'Остаточна відмова',
  'bounce.soft': 'Тимчасова відмова',
  'bounce.unknown': 'Відмова',
  'bounce.withReason': '{kind}: <reason></reason>',
  'bounce.withoutReason': '{kind}, причина невідома',

  'events.one': 'Подія',
  'events.all': 'Усі події',
  'events.notFound': 'Події з таким ID немає.',
  'events.sent': 'Надіслано з Yespo',
  'events.tooLong':
    'Подія завелика, щоб показати її повністю. Решту поверне запит <code>GET /activity/[id]</code> до API.',
  'events.labels': 'Мітки запиту',
  'events.recorded': 'Записано тут',
  'events.occurred': 'Відбулася',
  'events.utc': '{time} UTC',
  'events.received': 'Отримано',
  'events.source': 'Джерело',
  'events.source.webhook': 'вебхук',
  'events.source.api': 'API Yespo',
  'events.newTab': '(у новій вкладці)',
  'events.personal':
    'Персональні дані не можуть бути частиною посилання. Скористайтеся пошуком угорі.',
  'events.maybePersonal':
    'Це можуть бути персональні дані, а їм не місце в посиланні. Скористайтеся тим самим параметром запиту GET /activity до API.',
}
