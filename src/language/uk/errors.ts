import type { errors as english } from '../en/errors.ts'
import type { Translation } from '../translation.ts'

/** What went wrong, and what to do. */
export const errors: Translation<typeof english> = {
  'error.title': 'Щось пішло не так',
  'error.title.form': 'Перевірте введені дані',
  'error.title.not_found': 'Не знайдено',
  'error.title.method_not_allowed': 'Не підтримується',
  'error.title.forbidden': 'Немає дозволу',
  'error.title.database_not_migrated': 'Міграції бази даних не застосовано',
  'error.title.daily_limit_reached': 'Денний ліміт вичерпано',
  'error.back': 'До огляду',
  'error.page': 'Такої сторінки немає.',
  'error.reversedPeriod': 'Дата «Від» має бути раніше за дату «до».',
  'error.readOnly': 'Ви ввійшли лише для перегляду. Щоб вносити зміни, увійдіть з OPERATE_TOKEN.',
  'error.noForm': 'Це не форма. Скористайтеся кнопками на сторінці.',
  'error.longForm': 'Ця форма завелика.',
  'error.foreignForm': 'Цю форму надіслано не зі сторінки цього приймача.',
}
