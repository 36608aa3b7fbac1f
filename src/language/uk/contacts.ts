import type { contacts as english } from '../en/contacts.ts'
import type { Translation } from '../translation.ts'

/** Texts of the search and of a contact. */
export const contacts: Translation<typeof english> = {
  'contacts.search': 'Пошук',
  'contacts.search.help':
    'Шукайте за адресою, телефоном, ID контакту чи клієнта або за частиною адреси, щоб побачити всі повідомлення цій людині. Кампанії можна знайти за ID або частиною назви.',
  'contacts.search.label': 'Email, телефон, ID або кампанія',
  'contacts.search.find': 'Знайти',
  'contacts.search.results': 'Результати пошуку',
  'contacts.search.contacts':
    '{count, plural, one {# контакт} few {# контакти} many {# контактів} other {# контакту}}',
  'contacts.search.campaigns':
    '{count, plural, one {# кампанія} few {# кампанії} many {# кампаній} other {# кампанії}}',
  'contacts.search.cut': 'Є й інші. Введіть більшу частину адреси чи назви.',
  'contacts.search.soFar': 'Перевірено контакти до ID {id}.',
  'contacts.search.noneSoFar': 'Поки нічого не знайдено. Перевірено контакти до ID {id}.',
  'contacts.search.on': 'Шукати далі',
  'contacts.search.nameless': 'Yespo надсилав цю адресу без контакту. Її найновіші події:',
  'contacts.search.nothing': '«{input}» немає в жодній події.',
  'contacts.search.part':
    'Саме «{input}» немає в жодній події. Контакти, в адресі чи ID яких це є:',
  'contacts.search.check.spelling':
    'Перевірте, чи немає помилки, або введіть лише частину: щонайменше {least, plural, one {# символ} few {# символи} many {# символів} other {# символу}}.',
  'contacts.search.check.other':
    'Можливо, тут у людини інша адреса. Відкрийте контакт у Yespo і шукайте за його ID.',
  'contacts.search.check.before':
    'Приймач знає лише тих, кому щось надсилали відтоді, як його налаштували.',
  'contacts.search.check.erased': 'Людей, чиї дані стерто, знайти неможливо.',
}
