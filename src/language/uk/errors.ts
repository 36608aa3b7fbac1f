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
  'error.access_required':
    'Увійдіть через Cloudflare Access: відкрийте приймач за адресою, яку захищає Access.',
  'error.access_expired':
    'Термін дії входу через Cloudflare Access минув. Оновіть сторінку, щоб увійти знову.',
  'error.access_other_application':
    'Цей вхід призначено для іншого застосунку Cloudflare Access. Перевірте налаштування ACCESS_AUDIENCE.',
  'error.access_other_team':
    'Цей вхід виконано в іншій команді Cloudflare Access. Перевірте налаштування ACCESS_TEAM_DOMAIN.',
  'error.access_invalid': 'Цей вхід виконано не через Cloudflare Access.',
  'error.access_unavailable':
    'Не вдалося завантажити ключі Cloudflare Access, тому перевірити вхід неможливо. Спробуйте ще раз за мить. Якщо не допоможе, перевірте налаштування ACCESS_TEAM_DOMAIN.',
  'error.access_read_only':
    'Ваш обліковий запис має лише право перегляду. Щоб вносити зміни, він або його група мають бути в налаштуванні ACCESS_OPERATOR_GROUPS.',
}
