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
  'contacts.search.some':
    'Перші {count, plural, one {# контакт; можуть бути й інші} few {# контакти; можуть бути й інші} many {# контактів; можуть бути й інші} other {# контакту; можуть бути й інші}}',
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

  'contacts.title': 'Контакт {id}',
  'contacts.unknown': 'Контакту з таким ID немає.',
  'contacts.by':
    '{channel, select, email {електронною поштою} sms {через SMS} viber {у Viber} webpush {через web push} mobilepush {через mobile push} appinbox {через App Inbox} inapp {повідомленнями в застосунку} none {(невідомий канал)} other {через {name}}}',
  'contacts.verdict.ok':
    'Можна писати {by}: остаточних відмов, скарг на спам і відписок не зафіксовано.',
  'contacts.verdict.unknown':
    '{isSince, select, yes {Перевірено лише події від {since}} other {Перевірено лише {count, plural, one {# подію} few {# події} many {# подій} other {# події}}}}: остаточних відмов, скарг на спам і відписок {by} серед них немає.',
  'contacts.verdict.partly': 'Можна писати {by} на {addresses}.',
  'contacts.block.HARD_BOUNCE':
    'Не пишіть {by}{hasAddress, select, yes { на {address}} other {}}: остаточна відмова {last}{hasFirst, select, yes {, вперше {first}} other {}}: {cause}{hasText, select, yes { («{said}»)} other {}}.',
  'contacts.block.SPAM':
    'Не пишіть {by}: скарга на спам {last}{hasFirst, select, yes {, вперше {first}} other {}}{hasMessage, select, yes {, {message}} other {}}.',
  'contacts.block.UNSUBSCRIBED':
    'Не пишіть {by}: відписка {last}{hasFirst, select, yes {, вперше {first}} other {}}{hasMessage, select, yes {, {message}} other {}}.',
  'contacts.block.later': 'Утім, {time} повідомлення доставлено — заборони це не скасовує.',
  'contacts.message': '«{name}» (повідомлення {id})',
  'contacts.message.named': '«{name}»',
  'contacts.message.id': 'повідомлення {id}',
  'contacts.message.none': 'без назви',
  'contacts.last': 'Останнє повідомлення: {message}, {steps}.',
  'contacts.last.none': 'Повідомлень не зафіксовано.',

  'contacts.step.SENT': 'надіслано {time}',
  'contacts.step.DELIVERED': 'доставлено {time}',
  'contacts.step.UNDELIVERED':
    'не доставлено {time}{kind, select, hard { (остаточно)} soft { (тимчасово)} other {}}: {cause}{hasText, select, yes { («{said}»)} other {}}',
  'contacts.step.machine': 'відкрито програмою, наприклад поштовим сканером, {time}',
  'contacts.step.READ':
    'прочитано {time}{count, plural, =1 {} one { (# раз)} few { (# рази)} many { (# разів)} other { (# разу)}}',
  'contacts.step.CLICKED':
    '{links, plural, =1 {перехід за посиланням} one {переходи за # посиланням} few {переходи за # посиланнями} many {переходи за # посиланнями} other {переходи за # посилання}} {time}',
  'contacts.step.link':
    'перехід за {link} {time}{count, plural, =1 {} one { (# раз)} few { (# рази)} many { (# разів)} other { (# разу)}}',
  'contacts.step.SPAM': 'скарга на спам {time}',
  'contacts.step.UNSUBSCRIBED': 'відписка {time}',
  'contacts.step.silent': 'про доставку не повідомлено',
  'contacts.step.other':
    '{status} {time}{count, plural, =1 {} one { (# раз)} few { (# рази)} many { (# разів)} other { (# разу)}}',

  'contacts.lastClicks': 'Останні переходи',
  'contacts.aLink': 'посилання',
  'contacts.times':
    '{time}{count, plural, =1 {} one { (# раз)} few { (# рази)} many { (# разів)} other { (# разу)}}',
  'contacts.person': 'Адреси й ID',
  'contacts.noAddresses': 'Адрес не зафіксовано.',
  'contacts.someAddresses': 'Показано не всі адреси: їх багато або деякі дуже довгі.',
  'contacts.moreAddresses': 'і ще {count}',
  'contacts.export': 'Експортувати все (JSON)',
  'contacts.erase': 'Стерти персональні дані…',
  'contacts.messages': 'Повідомлення',
  'contacts.noMessages': 'Повідомлень не зафіксовано.',
  'contacts.noOlder': 'Старіших повідомлень немає.',
  'contacts.noMessage': 'Не про повідомлення',
  'contacts.older': 'Старіші повідомлення',
  'contacts.newest': 'Найновіші повідомлення',
  'contacts.event': 'Переглянути подію',
  'contacts.allEvents': 'Усі події',
  'contacts.counts': 'Події за статусами',
  'contacts.counted':
    '{isSince, select, yes {Пораховано лише події від {since}.} other {Пораховано лише {count, plural, one {# подію} few {# події} many {# подій} other {# події}}.}}',
}
