import type { quarantine as english } from '../en/quarantine.ts'
import type { Translation } from '../translation.ts'

/** Quarantined items. */
export const quarantine: Translation<typeof english> = {
  'quarantine.intro':
    'Тут без змін зберігаються елементи, які не є коректними подіями. Решту того самого запиту збережено, нічого не втрачено.',
  'quarantine.byReason': 'За причиною',
  'quarantine.reason': 'Причина',
  'quarantine.reason.missing': 'Немає параметра {name}',
  'quarantine.reason.time': 'Такої дати й часу в {name} не існує',
  'quarantine.reason.unicode': 'У {name} пошкоджений текст Unicode',
  'quarantine.reason.nested': 'У {name} завелика вкладеність',
  'quarantine.reason.twice': 'Параметр {name} задано двічі',
  'quarantine.items': 'Елементи',
  'quarantine.actions': 'Дії',
  'quarantine.atLeast':
    'Щонайменше {count, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}}: тут пораховано не всі елементи й причини.',
  'quarantine.retryAll': 'Повторити всі',
  'quarantine.retry': 'Повторити',
  'quarantine.retryReason': 'Повторити: {reason}',
  'quarantine.delete': 'Видалити…',
  'quarantine.deleteReason': 'Видалити…: {reason}',
  'quarantine.list': 'Елементи в карантині, спочатку найновіші',
  'quarantine.kind.bytes': 'Не UTF-8',
  'quarantine.kind.body': 'Тіло запиту',
  'quarantine.kind.bodyBytes': 'Тіло запиту, не UTF-8',
  'quarantine.kind.message': 'Повідомлення черги',
  'quarantine.view': 'Переглянути елемент',
  'quarantine.keptUntil': 'зберігається до {time}',
  'quarantine.keptForever': 'зберігається, доки ви його не видалите',
  'quarantine.originMessage': 'Повідомлення черги {request}',
  'quarantine.originRequest': 'Запит {request}',
  'quarantine.originItem': 'Елемент {number, number} запиту {request}',
  'quarantine.summary': '{origin}, {kept}. <link>Переглянути елемент</link>',
  'quarantine.zone': 'Час отримання вказано {zone}.',
  'quarantine.empty': 'Карантин порожній: нічого робити не потрібно.',
  'quarantine.noneYet': 'Поки що нічого не знайдено. Давніші елементи ще не переглянуто.',
  'quarantine.noMore': 'Більше елементів немає.',
  'quarantine.older': 'Давніші',
  'quarantine.further': 'Шукати далі',
  'quarantine.backToNewest': 'До найновіших',

  'quarantine.one': 'Елемент у карантині',
  'quarantine.content': 'Вміст, як його надіслано',
  'quarantine.bytes': 'Кожен байт показано одним символом (ISO 8859-1).',
  'quarantine.beginning': 'Показано лише початок. Увесь вміст є в таблиці <code>quarantine</code>.',
  'quarantine.back': 'До карантину',
  'quarantine.notFound':
    'Цього елемента вже немає: його збережено чи видалено, або посилання неправильне.',
  'quarantine.position': 'Місце',
  'quarantine.received': 'Отримано',
  'quarantine.receivedAt': '{time} ({zone})',
  'quarantine.source': 'Джерело',
  'quarantine.kept': 'Зберігання',

  'quarantine.question':
    'Видалити {count, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}} з карантину?',
  'quarantine.questionAtLeast':
    'Видалити щонайменше {count, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}} з карантину?',
  'quarantine.questionOne': 'Видалити цей елемент?',
  'quarantine.noUndo': 'Цю дію не можна скасувати.',
  'quarantine.deletedSoFar':
    'Поки що видалено {count, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}}.',
  'quarantine.deleteRest': 'Видалити решту',
  'quarantine.deleteCount':
    'Видалити {count, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}}',
  'quarantine.deleteNow': 'Видалити',
  'quarantine.deleteItem': 'Видалити елемент',

  'quarantine.replayed':
    'Повторено: {items, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}} дали {events, plural, one {# подію} few {# події} many {# подій} other {# події}}.',
  'quarantine.noneReplayed': 'Повторено: жоден елемент не став подією.',
  'quarantine.still':
    'У карантині лишилося {count, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}}.',
  'quarantine.deleted':
    'Видалено {count, plural, one {# елемент} few {# елементи} many {# елементів} other {# елемента}}.',
  'quarantine.more': 'Ще не всі елементи опрацьовано.',
  'quarantine.progress':
    'Опрацьовано {done, number} з {total, number}; ще не всі елементи опрацьовано.',
  'quarantine.background': 'Це триває у фоновому режимі: сторінку можна закрити.',
  'quarantine.continue': 'Продовжити',
  'quarantine.continueDelete': 'Продовжити…',
}
