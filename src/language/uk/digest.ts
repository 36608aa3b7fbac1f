import type { digest as english } from '../en/digest.ts'
import type { Translation } from '../translation.ts'

/** The digest of a week. */
export const digest: Translation<typeof english> = {
  'digest.title': 'Yespo receiver: підсумки тижня {week}.',
  'digest.nothing': 'Усе гаразд, втручання не потрібне.',
  'digest.lookAt': 'Зверніть увагу:',
  'digest.more': '… решта: GET /reports/digest?week={monday}',

  'digest.channel': '{channel}: {parts}.',
  'digest.delivered': 'доставлено {count, number}',
  'digest.moreThanWeek': 'на {change, number, percent} більше, ніж тиждень тому',
  'digest.lessThanWeek': 'на {change, number, percent} менше, ніж тиждень тому',
  'digest.moreThanFour': 'на {change, number, percent} більше, ніж чотири тижні тому',
  'digest.lessThanFour': 'на {change, number, percent} менше, ніж чотири тижні тому',
  'digest.before': '{rate} (було {before})',
  'digest.rate': '{rate, number, ::percent .0#}',
  'digest.readWithoutMachines': 'прочитали {rate}',
  'digest.clickedWithoutMachines': 'перейшли за посиланням {rate}',
  'digest.undelivered': 'не доставлено {rate}',
  'digest.hardBounced': 'остаточно не доставлено {rate}',
  'digest.spam': 'поскаржилися {rate}',
  'digest.unsubscribed': 'відписалися {rate}',

  'digest.readMost': 'Найбільше читали: {campaign}, {rate} з {of, number}.',
  'digest.bouncedMost':
    'Найгірше доставлялося: {campaign}, остаточних відмов {rate} з {of, number}.',
  'digest.campaign': '«{name}» (повідомлення {id})',
  'digest.nameless': 'повідомлення {id}',

  'digest.noSuppressions': 'Нових заборон писати немає.',
  'digest.suppressions':
    '{count, plural, one {# нова заборона писати} few {# нові заборони писати} many {# нових заборон писати} other {# нової заборони писати}}: {reasons}.',
  'digest.reason.HARD_BOUNCE':
    '{count, plural, one {# остаточна відмова} few {# остаточні відмови} many {# остаточних відмов} other {# остаточної відмови}}',
  'digest.reason.SPAM':
    '{count, plural, one {# скарга} few {# скарги} many {# скарг} other {# скарги}}',
  'digest.reason.UNSUBSCRIBED':
    '{count, plural, one {# відписка} few {# відписки} many {# відписок} other {# відписки}}',
  'digest.noBounces': 'Усе доставлено без відмов.',
  'digest.bounces':
    '{count, plural, one {# відмова} few {# відмови} many {# відмов} other {# відмови}}: {causes}.',
  'digest.causeCount': '{title}: {count, number}',

  'digest.tooMany.spam':
    'У каналі {channel} на спам поскаржилися {rate} контактів ({numerator, number} з {denominator, number}); понад {limit} — забагато.',
  'digest.tooMany.hardBounced':
    'У каналі {channel} повідомлення остаточно не доставлено {rate} контактів ({numerator, number} з {denominator, number}); понад {limit} — забагато.',
  'digest.campaignBounced':
    '{campaign}: остаточно не доставлено {rate} з {of, number}; понад {limit} — забагато. Перевірте, звідки ці контакти.',
  'digest.volume': 'Контактів, яким писали каналом {channel}: {count, number}, {change}.',
  'digest.causeRose':
    'Відмов із причиною «{title}»: {count, number}, тижнем раніше — {before, number}. Див. сторінку «Недоставлені».',
  'digest.missed':
    'Вебхук пропустив {count, plural, one {# подію} few {# події} many {# подій} other {# події}}, що їх має API Yespo ({share}); їх доповнено. Див. сторінку /coverage.',
  'digest.quarantined':
    'У карантині {count, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}}. Відкрийте сторінку «Карантин», усуньте причину, а тоді повторіть або видаліть їх.',
  'digest.unexpected':
    'У подіях є {count, plural, one {# нове} few {# нові} many {# нових} other {# нового}}, чого немає в документації Yespo: {names}.',
  'digest.named':
    '{kind, select, parameter {параметр} type {тип параметра} status {статус} other {канал}} {name}',
  'digest.unnamed':
    '{kind, select, parameter {параметр} type {тип параметра} status {статус} other {канал}} (назву не показано)',
}
