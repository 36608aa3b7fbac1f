import type { engagement as english } from '../en/engagement.ts'
import type { Translation } from '../translation.ts'

/** Contacts by their last read or click. */
export const engagement: Translation<typeof english> = {
  'engagement.title': 'Контакти за останнім прочитанням або кліком',
  'engagement.last': 'Останнє прочитання або клік',
  'engagement.contacts': 'Контакти',
  'engagement.download': 'Завантажити контакти (CSV)',
  'engagement.unread':
    '{count, plural, one {# контакт нічого не відкрив і не клікнув} few {# контакти нічого не відкрили й не клікнули} many {# контактів нічого не відкрили й не клікнули} other {# контакту нічого не відкрили й не клікнули}} за {days, plural, one {# день} few {# дні} many {# днів} other {# дня}}, хоча повідомлення їм доставлено.',
  'engagement.none':
    'У цьому каналі ще нічого не доставлено. День враховується, щойно він завершиться.',
  'engagement.note':
    'Кожен контакт один раз, за останнім прочитанням або кліком людини; роботів не враховано. Пораховано до {time}.',
  'engagement.note.none':
    'Кожен контакт один раз, за останнім прочитанням або кліком людини; роботів не враховано. Доки не мине перший день, підрахунку немає.',
  'engagement.note.unknown':
    'Цей канал ще жодного разу не повідомив про прочитання чи клік, тому невідомо, хто нічого не прочитав.',
  'engagement.band.0-30': 'До 30 днів тому',
  'engagement.band.31-90': '31–90 днів тому',
  'engagement.band.91-180': '91–180 днів тому',
  'engagement.band.more': 'Понад 180 днів тому',
  'engagement.band.never': 'Ніколи, хоча доставлено',
  'engagement.band.unknown': 'Невідомо',
}
