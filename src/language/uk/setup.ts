import type { setup as english } from '../en/setup.ts'
import type { Translation } from '../translation.ts'

/** How to set up the webhook in Yespo, whose form is named as in its English interface. */
export const setup: Translation<typeof english> = {
  'setup.title': 'Підключіть Yespo',
  'setup.waiting': 'Чекаємо на першу подію…',
  'setup.arrived': '✓ Перша подія надійшла. <link>Переглянути</link>',
  'setup.rejecting': '{error} Доки це не виправлено, усі запити від Yespo буде відхилено.',
  'setup.open':
    'У Yespo відкрийте <b>Account settings → Data export → New data export → Webhook</b> (назви — як в англійському інтерфейсі) і заповніть поля:',
  'setup.copy': 'Копіювати {name}',
  'setup.on': 'увімкнено',
  'setup.off': 'вимкнено',
  'setup.password':
    'секрет WEBHOOK_PASSWORD: те, що ви ввели під час розгортання кнопкою, або значення з .deploy.vars (для локального приймача — .dev.vars)',
  'setup.noHeaders': 'немає',
  'setup.headers': 'із секрету WEBHOOK_HEADERS:',
  'setup.all': 'усі',
  'setup.test':
    'Потім натисніть <b>Send test → Submit</b>: Yespo покаже зелене повідомлення з кодом 200, і ця сторінка теж стане зеленою. Після цього збережіть вебхук.',
  'setup.without':
    'Yespo немає під рукою? <code>npm run send-test</code> надішле цьому приймачу приклади подій.',
}
